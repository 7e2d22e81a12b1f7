/** The outbox's log, as text: a line of JSON for each change, read back so that one bad line costs only itself. */
import * as v from 'valibot';
import { Name } from '../../domain/names.ts';
import { checkSale, type Sale } from '../../domain/sales/sale.ts';
import { Topic } from '../../domain/updates/topics.ts';
import { type OutgoingMessage, type Refusal, type StoredSale, saleKey, settleIn } from './outbox-storage.ts';

export type LogRecord =
  | { sale: Sale }
  | { settled: readonly string[]; refused: readonly Refusal[] }
  | { message: OutgoingMessage }
  | { sent: string };

/** What the records of a log leave. */
export interface Held {
  sales: Map<string, StoredSale>;
  messages: Map<string, OutgoingMessage>;
}

export interface Replay {
  held: Held;
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
  refused: v.array(
    v.object({
      saleId: v.string(),
      till: v.exactOptional(v.string()),
      code: v.string(),
      message: v.string(),
    }),
  ),
});

const MessageRecord = v.strictObject({
  message: v.object({
    messageId: Name,
    topic: Topic,
    data: v.unknown(),
    inReplyTo: v.exactOptional(Name),
  }),
});
const SentRecord = v.strictObject({ sent: v.string() });

const NEWLINE = 0x0a;

export function encodeRecord(record: LogRecord): string {
  return `${JSON.stringify(record)}\n`;
}

export function applyRecord({ messages, sales }: Held, record: LogRecord): void {
  if ('sale' in record) sales.set(saleKey(record.sale), { sale: record.sale });
  else if ('message' in record) messages.set(record.message.messageId, record.message);
  else if ('sent' in record) messages.delete(record.sent);
  else settleIn(sales, record.settled, record.refused);
}

/** What a log holds. A last line that is readable counts, with or without its end. */
export function replay(log: Uint8Array): Replay {
  const held: Held = { sales: new Map(), messages: new Map() };
  const result: Replay = { held, records: 0, unreadable: [], torn: false };
  for (let start = 0; start < log.length; ) {
    const newline = log.indexOf(NEWLINE, start);
    const end = newline === -1 ? log.length : newline;
    const line = log.subarray(start, end);
    const record = decodeRecord(line);
    if (newline === -1) result.torn = true;
    else if (record === undefined) result.unreadable.push(line);
    if (record !== undefined) {
      applyRecord(held, record);
      result.records += 1;
    }
    start = end + 1;
  }
  return result;
}

function decodeRecord(line: Uint8Array): LogRecord | undefined {
  const value = decodeJson(line);
  if (v.is(SettleRecord, value) || v.is(MessageRecord, value) || v.is(SentRecord, value)) return value;
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
