/** The command line of the CDK, as a person or a workflow calls it at the root of the project. */
import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = join(import.meta.dirname, '..');

/** Whatever it answers: a test says itself what it expects. */
export function cdk(...options: string[]): Promise<{ exitCode: number; output: string }> {
  const binaries = join(root, 'node_modules', '.bin');
  // The app runs as `node …`: by the Node that npm installed, which stands in the same directory.
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };
  return new Promise(resolve => {
    execFile(join(binaries, 'cdk'), options, { cwd: root, env }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ exitCode, output: stripVTControlCharacters(`${stdout}${stderr}`) });
    });
  });
}

/** @param context `env=prod` and the like */
export function synthesize(
  assembly: string,
  ...context: string[]
): Promise<{ exitCode: number; output: string }> {
  const settings = context.flatMap(setting => ['--context', setting]);
  return cdk('synth', '**', '--strict', '--quiet', '--output', assembly, ...settings);
}
