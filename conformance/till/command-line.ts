/** The command of a till, to be run in directories that are not where it was typed. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Words that name files from here are made whole, so that `node till.js` and `./till` mean the same elsewhere.
 *
 * @param directory where the command was typed
 */
export function wholePaths(command: readonly string[], directory: string): string[] {
  return command.map((word, index) => {
    const path = resolve(directory, word);
    // A program without a slash is looked for in PATH, as shells do.
    const isPath = index > 0 || word.includes('/');
    return isPath && !word.startsWith('-') && existsSync(path) ? path : word;
  });
}
