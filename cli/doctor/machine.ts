/** What `npm start` needs of this machine. */
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { DataDirectory, DataDirectoryInUseError } from '../../local/data-directory.ts';
import { CommandError } from '../errors.ts';
import { loadTarget } from '../target.ts';
import { askManagement } from './endpoints.ts';
import { type Finding, failed, ok, unchecked } from './finding.ts';

/** launch.mjs stops an older Node before this runs. */
export function checkNode(): Finding {
  const { platform, arch, version, execPath } = process;
  const bundled = bundledNode(`node-${platform}-${arch}/bin/node`);
  if (execPath === bundled) return ok('node', `${version}, which npm ci brought`);
  if (bundled !== undefined)
    return ok('node', `${version}, this machine's; npm start takes the one of npm ci`);
  if (platform !== 'linux') return ok('node', `${version}, this machine's`);
  return unchecked(
    'node',
    `${version}, this machine's; tried with 24`,
    'npm ci without --omit=optional brings that',
  );
}

function bundledNode(path: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

export async function checkPort(port: number): Promise<Finding> {
  const refusal = await listenOnce(port);
  if (refusal === undefined) return ok('port', `${port} is free for npm start`);
  if (refusal === 'EADDRINUSE') {
    const answer = await askManagement(`http://127.0.0.1:${port}/`);
    if (typeof answer !== 'string' && answer.isStorecast)
      return ok('port', `${port} is that of a storecast that runs`);
  }
  const why = refusal === 'EADDRINUSE' ? 'is in use by another program' : `can't be used (${refusal})`;
  return failed('port', `${port} ${why}`, 'end that program, or npm start -- --port P with another');
}

function listenOnce(port: number): Promise<string | undefined> {
  return new Promise(done => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen(port, '127.0.0.1', () => server.close(() => done(undefined)));
  });
}

const ANOTHER_DIRECTORY = 'npm start -- --data DIR with another';

export async function checkDataDirectory(path: string): Promise<Finding> {
  const directory = resolve(path);
  if (!existsSync(directory)) return checkWritable(nearestDirectory(directory), `${path}, yet to be made,`);
  if (!existsSync(join(directory, 'queues.db'))) return checkWritable(directory, path);
  try {
    new DataDirectory(directory).close();
    return ok('data', `${path} is writable and in nobody's use`);
  } catch (error) {
    if (error instanceof DataDirectoryInUseError) return inUse(path);
    const why = error instanceof Error ? error.message : String(error);
    return failed('data', `${path} can't be opened (${why})`, ANOTHER_DIRECTORY);
  }
}

/** A running system keeps its outputs there, too. */
async function inUse(path: string): Promise<Finding> {
  const url = managementUrlIn(join(path, 'outputs.json'));
  const answer = url === undefined ? undefined : await askManagement(url);
  if (typeof answer === 'object' && answer.isStorecast)
    return ok('data', `${path} is that of a storecast that runs`);
  return failed(
    'data',
    `${path} is in use by a storecast that doesn't answer`,
    'end the process that has it open, or wait until it has started',
  );
}

function managementUrlIn(file: string): string | undefined {
  try {
    return loadTarget(file).present.ManagementUrl;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

function checkWritable(directory: string, name: string): Finding {
  try {
    accessSync(directory, constants.W_OK);
    return ok('data', `${name} is writable`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return failed('data', `${name} is not writable (${code})`, ANOTHER_DIRECTORY);
  }
}

function nearestDirectory(path: string): string {
  return existsSync(path) ? path : nearestDirectory(dirname(path));
}
