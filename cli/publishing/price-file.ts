/** Reads prices from a CSV file with the columns sku, amount and currency. */
import { CsvError, parse } from 'csv-parse/sync';
import { CommandError } from '../errors.ts';
import { type PriceEntry, priceEntry } from './price-entry.ts';
import { readText } from './read-text.ts';

const COLUMNS = ['sku', 'amount', 'currency'];

interface Row {
  info: { lines: number };
  record: Record<string, string | undefined>;
}

/**
 * @param currency where a line has none of its own
 * @throws CommandError that names the file; PriceEntryError that names the line
 */
export function readPriceFile(file: string, currency: string | undefined): PriceEntry[] {
  return parseCsv(file).map(({ info, record }) => {
    const { sku, amount, currency: own } = record;
    const place = `${file} line ${info.lines}`;
    const inCurrency = own || currency;
    if (!sku || !amount || !inCurrency)
      throw new CommandError(`${place}: needs the columns sku, amount and currency (or --currency)`);
    return priceEntry(sku, amount, inCurrency, place);
  });
}

function parseCsv(file: string): Row[] {
  try {
    return parse(readText(file), {
      columns: (header: string[]) => checkColumns(file, header),
      skip_empty_lines: true,
      trim: true,
      bom: true,
      info: true,
    }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CommandError(`${file} is not a CSV file with commas: ${error.message}`, { cause: error });
  }
}

/** Ignored, a column such as `region` or `validFrom` would price the whole chain, at once. */
function checkColumns(file: string, header: string[]): string[] {
  const unknown = header.filter(name => !COLUMNS.includes(name)).map(name => `'${name}'`);
  if (unknown.length > 0) {
    throw new CommandError(
      `${file} has columns that are unknown: ${unknown.join(', ')}; known are ${COLUMNS.join(', ')}`,
    );
  }
  const repeated = header.find((name, index) => header.indexOf(name) !== index);
  if (repeated !== undefined) throw new CommandError(`${file} has the column '${repeated}' twice`);
  return header;
}
