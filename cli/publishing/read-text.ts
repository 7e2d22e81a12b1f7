/** Reads a file that the user named, in the encodings that spreadsheets write. */
import { readFileSync } from 'node:fs';
import { encodingOf } from '../../domain/price-lists/list-encoding.ts';
import { CommandError } from '../errors.ts';

/**
 * UTF-8 or, by its byte order mark, UTF-16; other encodings have to be named, for no file says its own.
 *
 * @param encoding such as `windows-1252`
 * @throws CommandError that names the file
 */
export function readText(file: string, encoding?: string): string {
  const bytes = readBytes(file);
  try {
    // The byte order mark is left out of the text.
    return new TextDecoder(encoding ?? encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(`'${encoding}' is no known encoding`);
    const remedy = encoding === undefined ? 'save it as "CSV UTF-8", or name its encoding by --encoding' : '';
    const problem = `${file} is not ${encoding ?? 'UTF-8'}`;
    throw new CommandError(remedy === '' ? problem : `${problem}; ${remedy}`, { cause: error });
  }
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandError(`${file} can't be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}
