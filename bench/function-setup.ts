/** A function of the stack as Lambda would set it up: its bundle, and its environment variables by the template. */
import { join } from 'node:path';
import { readAssembly } from '../local/assembly/assembly.ts';

export interface FunctionSetup {
  /** The file of its handler. */
  code: string;
  variables: Record<string, string>;
}

/**
 * @param id how its logical id begins
 * @param endpoint of the tables and queues, which have the names of their logical ids
 */
export function functionSetup(assemblyDirectory: string, id: string, endpoint: string): FunctionSetup {
  const { assetDirectory, template } = readAssembly(assemblyDirectory);
  const [logicalId, { Properties = {} } = {}] =
    Object.entries(template.Resources).find(
      ([name, { Type }]) => Type === 'AWS::Lambda::Function' && name.startsWith(id),
    ) ?? [];
  if (logicalId === undefined) throw new Error(`the template has no function whose id begins with ${id}`);
  const { S3Key } = Properties.Code as { S3Key: string };
  const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
  const textOf = (value: unknown): string => {
    if (typeof value === 'string') return value;
    const { Ref = 'none' } = value as { Ref?: string };
    return template.Resources[Ref]?.Type === 'AWS::SQS::Queue' ? `${endpoint}/${Ref}` : Ref;
  };
  const variables = Object.entries(Variables).map(([name, value]) => [name, textOf(value)]);
  return {
    code: join(assetDirectory(S3Key), 'index.cjs'),
    variables: {
      ...Object.fromEntries(variables),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'ASIABENCH',
      AWS_SECRET_ACCESS_KEY: 's'.repeat(40),
      AWS_SESSION_TOKEN: 't'.repeat(900),
      AWS_LAMBDA_FUNCTION_NAME: logicalId,
    },
  };
}
