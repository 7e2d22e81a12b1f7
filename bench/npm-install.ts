/** What only a benchmark needs, and the project must not depend on: npm installs it for the run. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const INSTALLING_MS = 180_000;
const QUIETLY = ['--no-audit', '--no-fund', '--ignore-scripts'];

/** It could not be brought: no network, or another registry. */
export class NotInstalledError extends Error {
  override readonly name = 'NotInstalledError';
}

/** @param packages each with its version @throws NotInstalledError */
export async function npmInstall(
  folder: string,
  packages: readonly string[],
  options: readonly string[] = [],
): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  try {
    const args = ['install', ...QUIETLY, ...options, ...packages];
    await promisify(execFile)('npm', args, { cwd: folder, timeout: INSTALLING_MS });
  } catch (cause) {
    throw new NotInstalledError(`npm could not install ${packages.join(' and ')}`, { cause });
  }
}
