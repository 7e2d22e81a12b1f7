/** What it costs to keep sales: a minute at once, one by one, or as whoever polls keeps them. */
import { ASSUMED } from './assumed.ts';
import { type CostLine, type Fleet, line, storeMinutes, type Work } from './cost-lines.ts';

/** Bytes of a minute's item beside its sales, and of what the index has of it. */
const MINUTE_BYTES = 100;
const INDEX_BYTES = 75;
/** What tells a sale, in its minute. */
const MARK_BYTES = 15;
/** Sales that are deflated together: each pack, each of its sales, each line of those. */
const PACK_BYTES = { pack: 170, sale: 39, line: 9.5 };
/** An article's sums. */
const SKU_BYTES = 20;
/** As JSON, in an item of its own. */
const PLAIN_SALE_BYTES = { sale: 210, line: 53 };

/** Of a store's minute in which so many sales came by so many writes: its item, and the index's. */
function minuteBytes(sales: number, writes: number, linesPerSale: number): { item: number; index: number } {
  const skus = sales * linesPerSale * SKU_BYTES;
  const packs = writes * PACK_BYTES.pack + sales * (PACK_BYTES.sale + linesPerSale * PACK_BYTES.line);
  return { item: MINUTE_BYTES + sales * MARK_BYTES + skus + packs, index: INDEX_BYTES + skus };
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
  const { item } = minuteBytes(salesPerRequest, 1, linesPerSale);
  const alone = PLAIN_SALE_BYTES.sale + linesPerSale * PLAIN_SALE_BYTES.line;
  const packed = item - salesPerRequest * (MARK_BYTES + linesPerSale * SKU_BYTES);
  const bytes = salesPerRequest === 1 ? alone : packed;
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
