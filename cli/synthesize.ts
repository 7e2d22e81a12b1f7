/** Synthesizes the stack as `cdk deploy` would, into a directory that lives as long as this process. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CommandError } from './errors.ts';
import { temporaryFolder } from './leftovers.ts';

const root = join(import.meta.dirname, '..');

/**
 * @returns the cloud assembly's directory; no other process writes to it, so a second start can't pull the code from
 * under the functions of this one
 * @throws CommandError with the CDK's own words
 */
export async function synthesize(): Promise<string> {
  const directory = temporaryFolder('storecast-assembly');
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const child = spawn(process.execPath, [cdk, 'synth', '**', '--strict', '--quiet', '--output', directory], {
    cwd: root,
    // cdk.json says `node`: the one that runs this, not the machine's.
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.on('exit', () => child.kill());
  const said: Buffer[] = [];
  child.stdout.on('data', chunk => said.push(chunk));
  child.stderr.on('data', chunk => said.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (code !== 0)
    throw new CommandError(`the stack could not be synthesized:\n${Buffer.concat(said).toString()}`);
  return directory;
}
