/**
 * The sales of one write, as a minute's item keeps them: the time at which the chain received them, and all of them
 * deflated together. A till's sales are much alike, so a minute of them takes one write unit.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { fingerprintOf, type Sale, saleKey } from '../../domain/sales/sale.ts';

/** 66 bits. */
const MARK_LENGTH = 11;

export interface KeptSale {
  /** ISO 8601, in UTC with milliseconds. */
  receivedAt: string;
  sale: Sale;
}

interface Pack {
  receivedAt: string;
  sales: readonly Sale[];
}

export function packSales(receivedAt: string, sales: readonly Sale[]): Uint8Array {
  return deflateRawSync(JSON.stringify({ receivedAt, sales } satisfies Pack));
}

/**
 * A short name for what tells a sale from the others of its minute: its condition is in every write, and a till's own ids may
 * be long. Two of one name are found by the whole of their keys.
 */
export function markOf(sale: Sale): string {
  return createHash('sha256').update(saleKey(sale)).digest('base64url').slice(0, MARK_LENGTH);
}

/** By what tells a sale from the others of its minute. */
export function unpackSales(packs: readonly Uint8Array[]): Map<string, KeptSale> {
  const kept = new Map<string, KeptSale>();
  for (const pack of packs) {
    const { receivedAt, sales } = JSON.parse(inflateRawSync(pack).toString()) as Pack;
    for (const sale of sales) kept.set(saleKey(sale), { receivedAt, sale });
  }
  return kept;
}

/** Whether what is kept has the content of this sale, whatever the order of its fields. */
export function isKeptAs({ sale: kept }: KeptSale, sale: Sale): boolean {
  return JSON.stringify(kept) === JSON.stringify(sale) || fingerprintOf(kept) === fingerprintOf(sale);
}
