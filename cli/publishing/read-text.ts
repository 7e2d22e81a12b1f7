/** Reads a file that the user named. */
import { readFileSync } from 'node:fs';
import { CommandError } from '../errors.ts';

/** @throws CommandError that names the file */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} can't be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}
