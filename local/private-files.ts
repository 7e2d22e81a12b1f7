/** Files that only their owner may read: keys lie among them, and every message that a queue holds. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

export const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;

/** Level by level: Node's own recursive `mkdir` never ends where nothing can be made, as under /proc. */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path, { mode: PRIVATE_DIRECTORY });
}

/** Makes it, or takes the rights of others away from the one that is there. */
export function privateDirectory(path: string): string {
  makeDirectory(path);
  chmodSync(path, PRIVATE_DIRECTORY);
  return path;
}

export function privateFile(path: string): string {
  closeSync(openSync(path, 'a', PRIVATE_FILE));
  chmodSync(path, PRIVATE_FILE);
  return path;
}
