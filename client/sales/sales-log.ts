/** The outbox's log, as text: a line of JSON for each change, read back so that one bad line costs only itself. */
import * as v from 'valibot';
import { checkSale, type Sale } from '../../domain/sales/sale.ts';
import { type Refusal, type StoredSale, settleIn } from './outbox-storage.ts';

export type LogRecord = { sale: Sale } | { settled: readonly string[]; refused: readonly Refusal[] };

export interface Replay {
  stored: Map<string, StoredSale>;
  /** Lines that were read. */
  records: number;
  /** Whole lines that make no sense. */
  unreadable: Uint8Array[];
  /** The last line has no end: its write was cut off, so nobody was told that it is stored. */
  torn: boolean;
}

const SaleRecord = v.strictObject({ sale: v.unknown() });
const SettleRecord = v.strictObject({
  settled: v.array(v.string()),
  refused: v.array(v.object({ saleId: v.string(), code: v.string(), message: v.string() })),
});

const NEWLINE = 0x0a;

export function encodeRecord(record: LogRecord): string {
  return `${JSON.stringify(record)}\n`;
}

export function applyRecord(stored: Map<string, StoredSale>, record: LogRecord): void {
  if ('sale' in record) stored.set(record.sale.saleId, { sale: record.sale });
  else settleIn(stored, record.settled, record.refused);
}

/** What a log holds. A last line that is readable counts, with or without its end. */
export function replay(log: Uint8Array): Replay {
  const result: Replay = { stored: new Map(), records: 0, unreadable: [], torn: false };
  for (let start = 0; start < log.length; ) {
    const newline = log.indexOf(NEWLINE, start);
    const end = newline === -1 ? log.length : newline;
    const line = log.subarray(start, end);
    const record = decodeRecord(line);
    if (newline === -1) result.torn = true;
    else if (record === undefined) result.unreadable.push(line);
    if (record !== undefined) {
      applyRecord(result.stored, record);
      result.records += 1;
    }
    start = end + 1;
  }
  return result;
}

function decodeRecord(line: Uint8Array): LogRecord | undefined {
  const value = decodeJson(line);
  if (v.is(SettleRecord, value)) return value;
  if (!v.is(SaleRecord, value)) return undefined;
  // Its total also proves its amounts. Its time was checked when it was sold.
  const checked = checkSale(value.sale, Number.POSITIVE_INFINITY);
  return 'sale' in checked ? checked : undefined;
}

function decodeJson(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch (error) {
    // Not UTF-8, or not JSON: the caller puts the line aside.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
