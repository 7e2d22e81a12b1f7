/** The same cloud with the usual sample's handler in the broadcast's place: its code, and the leave to scan. */
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAssembly, type Template } from '../../local/assembly/assembly.ts';
import { nodeModules } from '../system.ts';

const sample = fileURLToPath(new URL('usual-sample', import.meta.url));

interface Statement {
  Action: string | string[];
}

/** @param directory where the copy goes */
export function writeSampleAssembly(assemblyDirectory: string, directory: string): void {
  cpSync(assemblyDirectory, directory, { recursive: true });
  const { assetDirectory, stackName, template } = readAssembly(directory);
  const broadcast = properties(template, 'AWS::Lambda::Function', 'BroadcastFunction');
  const { S3Key } = broadcast.Code as { S3Key: string };
  const code = assetDirectory(S3Key);
  rmSync(code, { recursive: true });
  cpSync(sample, code, { recursive: true });
  // As Lambda's runtime has the SDK beside the code.
  symlinkSync(nodeModules, join(code, 'node_modules'));
  const policy = properties(template, 'AWS::IAM::Policy', 'BroadcastFunctionRole');
  const document = policy.PolicyDocument as { Statement: Statement[] };
  for (const statement of document.Statement) {
    if (statement.Action.includes('dynamodb:Query'))
      statement.Action = [statement.Action, 'dynamodb:Scan'].flat();
  }
  const file = join(directory, `${stackName}.template.json`);
  const whole = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...whole, Resources: template.Resources }));
}

function properties(template: Template, type: string, prefix: string): Record<string, unknown> {
  const [, found] =
    Object.entries(template.Resources).find(
      ([logicalId, { Type }]) => Type === type && logicalId.startsWith(prefix),
    ) ?? [];
  if (found?.Properties === undefined)
    throw new Error(`the template has no ${type} whose id begins with ${prefix}`);
  return found.Properties;
}
