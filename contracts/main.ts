/** Writes docs/contracts anew. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contractFiles } from './contract-files.ts';

const directory = join(import.meta.dirname, '..', 'docs', 'contracts');
rmSync(directory, { recursive: true, force: true });
for (const [path, text] of contractFiles()) {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}
