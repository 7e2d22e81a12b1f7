/** Reads prices from a file: all of it is good, or the first line that isn't is named. */
import type { PriceEntry } from '../../domain/price-lists/price-entry.ts';
import { type PriceDefaults, PriceListError, readPriceList } from '../../domain/price-lists/price-list.ts';
import { CommandError } from '../errors.ts';
import { readText } from './read-text.ts';

/**
 * @param encoding of the file, where it is not UTF
 * @throws CommandError that names the file; PriceEntryError that names the line
 */
export function readPriceFile(file: string, options: PriceDefaults, encoding?: string): PriceEntry[] {
  const text = readText(file, encoding);
  const place = (line: number) => `${file} line ${line}`;
  try {
    const { good, problems } = readPriceList(text, { ...options, place });
    for (const { error } of problems) throw error;
    return good;
  } catch (error) {
    if (!(error instanceof PriceListError)) throw error;
    throw new CommandError(`${file} ${error.message}`, { cause: error });
  }
}
