/** What it costs to keep sales: a minute at once, one by one, or as whoever polls keeps them. */
import { ASSUMED } from './assumed.ts';
import { type CostLine, type Fleet, line, storeMinutes, type Work } from './cost-lines.ts';

/** Bytes of a minute's item beside its sales, and of what the index has of it. */
const MINUTE_BYTES = 100;
const INDEX_BYTES = 75;
/** What tells a sale, in its minute. */
const MARK_BYTES = 11;
/** Sales that are deflated with the minute's articles as dictionary: each pack, each of its sales, each line of those. */
const PACK_BYTES = { pack: 55, sale: 37, line: 7.6 };
/** An article's sums, and what they come to where they are deflated. */
const SKU_BYTES = 20;
const DEFLATED = { from: 256, start: 35, share: 0.345 };
/** As whoever polls keeps them: as JSON in an item of its own, and a minute's deflated. */
const PLAIN_SALE_BYTES = { sale: 210, line: 53 };
const PLAIN_PACK_BYTES = { pack: 270, sale: 39, line: 9.5 };

interface MinuteBytes {
  item: number;
  index: number;
}

/** Of a store's minute in which so many sales came by so many writes: its item, and the index's. */
function minuteBytes(sales: number, writes: number, linesPerSale: number): MinuteBytes {
  const skus = writes * skuBytes((sales / writes) * linesPerSale * SKU_BYTES);
  const packs = writes * PACK_BYTES.pack + sales * (PACK_BYTES.sale + linesPerSale * PACK_BYTES.line);
  return { item: MINUTE_BYTES + sales * MARK_BYTES + skus + packs, index: INDEX_BYTES + skus };
}

function skuBytes(text: number): number {
  return text < DEFLATED.from ? text : DEFLATED.start + text * DEFLATED.share;
}

/** A minute that comes whole is one write, and one of the index with the sums. */
export function wholeMinutes(fleet: Fleet): CostLine[] {
  const { linesPerSale, salesPerMinute } = fleet;
  const { item, index } = minuteBytes(Math.max(1, salesPerMinute), 1, linesPerSale);
  const minutes = storeMinutes(fleet) * (1 - Math.exp(-salesPerMinute));
  return [
    line('sales: minutes', minutes, { write: writeUnits(item), ...stored(item) }),
    line('sales: index of minutes', minutes, { write: writeUnits(index), storedByte: storedBytes(index) }),
  ];
}

/** Each sale is a write of its minute, which grows, and one of the index. */
export function saleBySale(fleet: Fleet, writesPerMinute = fleet.salesPerMinute): CostLine[] {
  const { linesPerSale, salesPerMinute } = fleet;
  const minutes = storeMinutes(fleet) * (1 - Math.exp(-writesPerMinute));
  const writes = Math.max(1, Math.round(writesPerMinute));
  const sales = Math.max(1, salesPerMinute);
  const sizes = Array.from({ length: writes }, (_, index) =>
    minuteBytes((sales * (index + 1)) / writes, index + 1, linesPerSale),
  );
  const last = sizes.at(-1) ?? { item: 0, index: 0 };
  const units = (of: (size: typeof last) => number) =>
    sizes.reduce((sum, size) => sum + writeUnits(of(size)), 0);
  return [
    line('sales: minutes', minutes, { write: units(({ item }) => item), ...stored(last.item) }),
    line('sales: index of minutes', minutes, {
      write: units(({ index }) => index),
      storedByte: storedBytes(last.index),
    }),
    // An update finds no item yet, looks, and creates it.
    line("sales: a minute's first", minutes, { write: 1, read: 1 }),
  ];
}

/** As whoever polls keeps them: an item a request, without sums. */
export function plainItem(salesPerRequest: number, linesPerSale: number): Work {
  const {
    line: ofLine,
    pack,
    sale,
  } = salesPerRequest === 1 ? { pack: 0, ...PLAIN_SALE_BYTES } : PLAIN_PACK_BYTES;
  const bytes = pack + salesPerRequest * (sale + linesPerSale * ofLine);
  return { write: writeUnits(bytes), ...stored(bytes) };
}

/** With its backup. */
function stored(bytes: number): Work {
  return { storedByte: storedBytes(bytes), backedUpByte: storedBytes(bytes) };
}

function storedBytes(bytes: number): number {
  return bytes + ASSUMED.storedOverheadBytes;
}

export function writeUnits(bytes: number): number {
  return Math.ceil(bytes / 1_024);
}
