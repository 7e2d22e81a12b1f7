/** Receipts as items keep them: rows of JSON, which repeat no names. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Codec, json } from '../aws/codecs.ts';

/** The reason of a store to which an update came when it was over. */
export const EXPIRED = 'expired';

/** What a store says of an update. */
export interface Receipt {
  storeId: string;
  outcome: 'applied' | 'rejected';
  /** Milliseconds since the epoch: by the store's corrected clock if applied, by the chain's if rejected. */
  at: number;
  reason?: string | undefined;
}

type Row = [name: string, outcome: Receipt['outcome'], at: number, reason?: string];

/** By the names of their updates, or of their stores: an item is of one store, or of one update. */
export const rows: Codec<Row[]> = json();

/** The same, deflated: stores and times of one update are much alike. */
export const deflatedRows: Codec<Row[]> = {
  encode: value => ({ B: deflateRawSync(JSON.stringify(value)) }),
  decode: ({ B }) => (B === undefined ? undefined : (JSON.parse(inflateRawSync(B).toString()) as Row[])),
};

export function toRow(name: string, { outcome, at, reason }: Omit<Receipt, 'storeId'>): Row {
  return reason === undefined ? [name, outcome, at] : [name, outcome, at, reason];
}

/** @param storeId the row's own name where it is left out */
export function toReceipt([name, outcome, at, reason]: Row, storeId = name): Receipt {
  return { storeId, outcome, at, ...(reason !== undefined && { reason }) };
}
