/** Reads prices from a CSV file as people have them: from a spreadsheet of any European locale. */
import { CsvError, parse } from 'csv-parse/sync';
import { plainAmount } from '../../domain/price-lists/written-amount.ts';
import { CommandError } from '../errors.ts';
import { type PriceEntry, PriceEntryError, readPrice, type WrittenTimes } from './price-entry.ts';
import type { GivenAudience } from './reach-note.ts';
import { readText } from './read-text.ts';

const COLUMNS = [
  ...['sku', 'amount', 'currency', 'priceType', 'unit', 'gtin', 'name'],
  ...['validFrom', 'validFromLocal', 'validUntil', 'validUntilLocal', 'region', 'group', 'store'],
];
const TIMES = ['validFrom', 'validFromLocal', 'validUntil', 'validUntilLocal'] as const;

interface Row {
  info: { lines: number };
  record: Record<string, string>;
}

/** Where a line has none of its own. */
export interface PriceDefaults {
  currency?: string | undefined;
  priceType?: string | undefined;
  audience: GivenAudience;
  times: WrittenTimes;
}

/**
 * @param encoding of the file, where it is not UTF
 * @throws CommandError that names the file; PriceEntryError that names the line
 */
export function readPriceFile(file: string, options: PriceDefaults, encoding?: string): PriceEntry[] {
  return parseCsv(file, readText(file, encoding)).map(({ info, record }) => {
    const place = `${file} line ${info.lines}`;
    const given = Object.fromEntries(
      Object.entries(record).flatMap(([name, text]) => (text === '' ? [] : [[name, text]])),
    ) as Record<string, string | undefined>;
    const { sku, amount, currency = options.currency, priceType = options.priceType } = given;
    if (!sku || !amount || !currency)
      throw new CommandError(`${place}: needs the columns sku, amount and currency (or --currency)`);
    const { unit, gtin, name } = given;
    const own = { ...(unit ? { unit } : {}), ...(gtin ? { gtin } : {}), ...(name ? { name } : {}) };
    const type = priceType === undefined ? {} : { priceType };
    return {
      price: readPrice({ sku, amount: plainAmount(amount), currency, ...type, ...own }, place),
      times: timesOf(given, options.times, place),
      audience: audienceOf(given) ?? options.audience,
      place,
    };
  });
}

/** A time without its zone is none in UTC: whether it is meant on the stores' clocks, the column says. */
function timesOf(
  given: Record<string, string | undefined>,
  otherwise: WrittenTimes,
  place: string,
): WrittenTimes {
  const own: WrittenTimes = {};
  for (const name of TIMES) {
    const text = given[name]?.replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, '$1T');
    if (text === undefined) continue;
    if (!name.endsWith('Local') && /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text)) {
      throw new PriceEntryError(
        `${place}: ${name} '${text}' has no zone, such as Z; for a time on each store's clock use ${name}Local`,
      );
    }
    own[name] = text;
  }
  return Object.keys(own).length === 0 ? otherwise : own;
}

function audienceOf({ region, group, store }: Record<string, string | undefined>): GivenAudience {
  const named = Object.entries({ regions: region, groups: group, stores: store }).flatMap(([list, text]) =>
    text === undefined ? [] : [[list, text.split(/[\s,;|]+/).filter(name => name !== '')]],
  );
  return named.length === 0 ? undefined : Object.fromEntries(named);
}

function parseCsv(file: string, text: string): Row[] {
  // Excel's own hint at the separator, which it takes for itself and does not show.
  const [, hint] = /^sep=(.)\r?\n/.exec(text) ?? [];
  const header =
    text.split(/\r?\n/).find((line, index) => line.trim() !== '' && !(hint && index === 0)) ?? '';
  try {
    return parse(text, {
      columns: (names: string[]) => checkColumns(file, names),
      delimiter: hint ?? [';', '\t'].find(sign => header.includes(sign)) ?? ',',
      from_line: hint === undefined ? 1 : 2,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
      bom: true,
      info: true,
    }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const advice = 'amounts with a decimal comma need semicolons between the columns, or quotes';
    throw new CommandError(`${file} is not a CSV file: ${error.message}; ${advice}`, { cause: error });
  }
}

/** Ignored, a misspelt column such as `regoin` or `validfrm` would price the whole chain, at once. */
function checkColumns(file: string, header: string[]): string[] {
  const names = header.map(name => COLUMNS.find(known => known.toLowerCase() === name.toLowerCase()) ?? name);
  const unknown = names.filter(name => !COLUMNS.includes(name)).map(name => `'${name}'`);
  if (unknown.length > 0) {
    throw new CommandError(
      `${file} has columns that are unknown: ${unknown.join(', ')}; known are ${COLUMNS.join(', ')}`,
    );
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new CommandError(`${file} has the column '${repeated}' twice`);
  return names;
}
