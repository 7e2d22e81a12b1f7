/** The same cloud with a sample's handler in the place of one function: its code, and one leave more. */
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAssembly, type Template } from '../local/assembly/assembly.ts';
import { nodeModules } from './node-modules.ts';

export interface Sample {
  /** How the replaced function's logical id begins, and that of its role's policy. */
  function: string;
  policy: string;
  /** The folder of its `index.cjs`. */
  code: URL;
  /** What it may do that the function may not, and on which table. */
  action: string;
  table: string;
  /** Megabytes. @default what the replaced function has */
  memorySize?: number;
  /** Whether our functions read what it writes there. Else they are not told: of items that they can't read they would write letters. */
  isRead?: boolean;
}

/** @param directory where the copy goes */
export function writeSampleAssembly(assemblyDirectory: string, directory: string, sample: Sample): void {
  cpSync(assemblyDirectory, directory, { recursive: true });
  const { assetDirectory, stackName, template } = readAssembly(directory);
  const { properties } = find(template, 'AWS::Lambda::Function', sample.function);
  const { S3Key } = properties.Code as { S3Key: string };
  properties.MemorySize = sample.memorySize ?? properties.MemorySize;
  const code = assetDirectory(S3Key);
  rmSync(code, { recursive: true });
  cpSync(fileURLToPath(sample.code), code, { recursive: true });
  // As Lambda's runtime has the SDK beside the code.
  symlinkSync(nodeModules, join(code, 'node_modules'));
  const { PolicyDocument } = find(template, 'AWS::IAM::Policy', sample.policy).properties;
  const { logicalId } = find(template, 'AWS::DynamoDB::GlobalTable', sample.table);
  (PolicyDocument as { Statement: object[] }).Statement.push({
    Effect: 'Allow',
    Action: sample.action,
    Resource: { 'Fn::GetAtt': [logicalId, 'Arn'] },
  });
  if (sample.isRead === false) removeReaders(template, logicalId);
  const file = join(directory, `${stackName}.template.json`);
  const whole = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...whole, Resources: template.Resources }));
}

/** Of a table's stream. */
function removeReaders({ Resources }: Template, table: string): void {
  for (const [id, { Properties, Type }] of Object.entries(Resources)) {
    const isOf = JSON.stringify(Properties?.EventSourceArn)?.includes(table);
    if (Type === 'AWS::Lambda::EventSourceMapping' && isOf) delete Resources[id];
  }
}

function find(
  template: Template,
  type: string,
  prefix: string,
): { logicalId: string; properties: Record<string, unknown> } {
  const [logicalId, found] =
    Object.entries(template.Resources).find(([id, { Type }]) => Type === type && id.startsWith(prefix)) ?? [];
  if (logicalId === undefined || found?.Properties === undefined)
    throw new Error(`the template has no ${type} whose id begins with ${prefix}`);
  return { logicalId, properties: found.Properties };
}
