/** Reads a list of prices as people have it, from a spreadsheet of any European locale: each row is good, or it says why not. */
import { type ListRow, listRows } from './list-rows.ts';
import {
  type GivenAudience,
  type PriceEntry,
  PriceEntryError,
  readPrice,
  type WrittenTimes,
} from './price-entry.ts';
import { plainAmount } from './written-amount.ts';

const COLUMNS = [
  ...['sku', 'amount', 'currency', 'priceType', 'unit', 'gtin', 'name'],
  ...['validFrom', 'validFromLocal', 'validUntil', 'validUntilLocal', 'region', 'group', 'store'],
];
const TIMES = ['validFrom', 'validFromLocal', 'validUntil', 'validUntilLocal'] as const;
/** Of a list without a header. */
const FIRST_COLUMNS = ['sku', 'amount', 'currency'];

/** Where a line has none of its own. */
export interface PriceDefaults {
  currency?: string | undefined;
  priceType?: string | undefined;
  audience: GivenAudience;
  times: WrittenTimes;
}

export interface PriceListOptions extends PriceDefaults {
  /** How a line is called in what is said of it. */
  place: (line: number) => string;
  /** Whether a list may begin with its first price: SKU, amount and perhaps the currency. @default false */
  headerIsOptional?: boolean;
}

export interface PriceList {
  good: PriceEntry[];
  /** In the order of the lines. */
  problems: { line: number; error: PriceEntryError }[];
}

/** A list whose columns can't be told. */
export class PriceListError extends Error {
  override readonly name = 'PriceListError';
}

/** @throws PriceListError */
export function readPriceList(text: string, options: PriceListOptions): PriceList {
  const all = listRows(text);
  const isHeader = !options.headerIsOptional || all[0]?.cells.some(name => columnOf(name) !== undefined);
  const columns = isHeader
    ? checkColumns(all[0]?.cells ?? [])
    : FIRST_COLUMNS.slice(0, Math.max(2, all[0]?.cells.length ?? 0));
  const list: PriceList = { good: [], problems: [] };
  for (const row of isHeader ? all.slice(1) : all) {
    try {
      list.good.push(readRow(row, columns, options));
    } catch (error) {
      if (!(error instanceof PriceEntryError)) throw error;
      list.problems.push({ line: row.line, error });
    }
  }
  return list;
}

function readRow(
  { line, cells }: ListRow,
  columns: readonly string[],
  options: PriceListOptions,
): PriceEntry {
  const place = options.place(line);
  const surplus = cells.slice(columns.length).some(cell => cell !== '');
  if (surplus || cells.length < columns.length) {
    throw new PriceEntryError(
      `${place}: has ${cells.length} cells where there are ${columns.length} columns; amounts with a decimal comma need semicolons between the columns, or quotes`,
    );
  }
  const given: Record<string, string | undefined> = Object.fromEntries(
    columns.flatMap((name, index) => (cells[index] === '' ? [] : [[name, cells[index]]])),
  );
  const { sku, amount, currency = options.currency, priceType = options.priceType } = given;
  if (!sku || !amount || !currency)
    throw new PriceEntryError(`${place}: needs the columns sku, amount and currency (or --currency)`);
  const { unit, gtin, name } = given;
  const own = { ...(unit ? { unit } : {}), ...(gtin ? { gtin } : {}), ...(name ? { name } : {}) };
  const type = priceType === undefined ? {} : { priceType };
  return {
    price: readPrice({ sku, amount: plainAmount(amount), currency, ...type, ...own }, place),
    times: timesOf(given, options.times, place),
    audience: audienceOf(given) ?? options.audience,
    place,
  };
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

function columnOf(name: string): string | undefined {
  return COLUMNS.find(known => known.toLowerCase() === name.toLowerCase());
}

/** Ignored, a misspelt column such as `regoin` or `validfrm` would price the whole chain, at once. */
function checkColumns(header: readonly string[]): string[] {
  const names = header.map(name => columnOf(name) ?? name);
  const unknown = names.filter(name => !COLUMNS.includes(name)).map(name => `'${name}'`);
  if (unknown.length > 0) {
    throw new PriceListError(
      `has columns that are unknown: ${unknown.join(', ')}; known are ${COLUMNS.join(', ')}`,
    );
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new PriceListError(`has the column '${repeated}' twice`);
  return names;
}
