/**
 * A sale as a minute's item keeps it: a text that begins with the time at which the chain first received it. A search
 * for a sale parses no others.
 */
import { fingerprintOf, type Sale } from '../../domain/sales/sale.ts';

export interface KeptSale {
  /** ISO 8601, in UTC with milliseconds. */
  receivedAt: string;
  sale: Sale;
}

const TIME_LENGTH = '2026-11-22T10:03:12.000Z'.length;

export function encodeKeptSale({ receivedAt, sale }: KeptSale): string {
  return receivedAt + JSON.stringify(sale);
}

export function decodeKeptSale(text: string): KeptSale {
  return { receivedAt: text.slice(0, TIME_LENGTH), sale: JSON.parse(text.slice(TIME_LENGTH)) };
}

/** Whether what is kept has the content of this sale, whatever the order of its fields. */
export function isKeptAs(text: string, sale: Sale): boolean {
  if (text.slice(TIME_LENGTH) === JSON.stringify(sale)) return true;
  return fingerprintOf(decodeKeptSale(text).sale) === fingerprintOf(sale);
}
