/** What the client says of a sale before the chain does: whether it can be stored, and whether it can go yet. */
import {
  checkSale,
  MAX_AHEAD_MS,
  type Sale,
  type SaleInput,
  type SaleRefusalCode,
} from '../../domain/sales/sale.ts';
import type { ServerClock } from '../time/server-clock.ts';

export type SaleErrorCode = SaleRefusalCode | 'too_large' | 'sale_id_taken';

/** A sale that was not stored, since the chain would refuse it. */
export class SaleError extends Error {
  override readonly name = 'SaleError';
  readonly code: SaleErrorCode;
  constructor(code: SaleErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A frame holds 32 KB; some are left for what surrounds a sale that fills it alone. */
export const MAX_SALE_BYTES = 32_000;
/** A sale that is ahead by less waits until it is due; by more, the till's clock must be set. */
const LONGEST_WAIT_MS = 24 * 3_600_000;
/** The chain's time is known about as well as that. */
const DUE_MARGIN_MS = 1_000;

/** @throws SaleError if the chain would never take the sale as it is */
export function checkInput(input: SaleInput, serverClock: ServerClock): Sale {
  const checked = checkSale(input, Number.POSITIVE_INFINITY);
  if ('refused' in checked) {
    const { saleId, code, message } = checked.refused;
    throw new SaleError(code, `${saleId === null ? 'the sale' : `sale ${saleId}`} is not valid: ${message}`);
  }
  const { sale } = checked;
  const bytes = bytesOf(sale);
  if (bytes > MAX_SALE_BYTES) {
    throw new SaleError(
      'too_large',
      `sale ${sale.saleId} has ${bytes} bytes; a frame holds ${MAX_SALE_BYTES}`,
    );
  }
  // The device's own clock proves nothing: until the chain's time is known, a sale's time is left to the chain.
  if (serverClock.isMeasured && aheadMs(sale, serverClock) > LONGEST_WAIT_MS) {
    throw new SaleError(
      'sold_in_future',
      `sale ${sale.saleId}: soldAt ${sale.soldAt} is more than a day ahead`,
    );
  }
  return sale;
}

/** Milliseconds until the chain takes it; 0 where it may already, or where waiting is no use. */
export function waitOf(sale: Sale, serverClock: ServerClock): number {
  if (!serverClock.isMeasured || !mayWait(sale, serverClock)) return 0;
  return Math.max(aheadMs(sale, serverClock) - MAX_AHEAD_MS + DUE_MARGIN_MS, 0);
}

/** Whether it is ahead of the chain's time, and by so little that it will be due. */
export function mayWait(sale: Sale, serverClock: ServerClock): boolean {
  const ahead = aheadMs(sale, serverClock);
  return ahead > 0 && ahead <= LONGEST_WAIT_MS;
}

export function bytesOf(sale: Sale): number {
  return new TextEncoder().encode(JSON.stringify(sale)).length;
}

function aheadMs({ soldAt }: Sale, serverClock: ServerClock): number {
  return Date.parse(soldAt) - serverClock.now();
}
