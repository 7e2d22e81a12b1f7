/**
 * What one frame says of a withdrawal. It takes the SKUs one by one, each with all that holds there again: a store that has this
 * part and no other yet has a price for every article. Only a SKU that no frame holds goes on in the next one.
 */
import { priceKey, type RetailPrice } from '../../../domain/retail/price.ts';
import { localTimesOf } from '../../../domain/retail/validity.ts';
import { roomIn, type UpdateOf, UpdateTooLargeError } from '../../../domain/updates/update.ts';
import type { RestoredPrices } from '../../../domain/updates/update-content.ts';
import type { WithdrawalRest } from '../update-items.ts';

export type PriceWithdrawal = UpdateOf<'price.withdrawn'>;

/** A price that holds again in a channel. */
export interface Restored {
  channel: string;
  update: Omit<UpdateOf<'price.changed'>, 'data'>;
  price: RetailPrice;
}

/** More than one restored price takes, with its times and its SKU. */
const LEAST_ROOM = 2_000;

/** @throws UpdateTooLargeError where its positions leave no room for prices */
export function checkRoom(withdrawal: PriceWithdrawal): void {
  const room = roomIn(withdrawal);
  if (room < LEAST_ROOM)
    throw new UpdateTooLargeError(
      `what it names leaves ${room} bytes of a frame to the prices, which take ${LEAST_ROOM} at least: withdraw fewer updates at once`,
    );
}

export class WithdrawalFrame {
  readonly #withdrawal: PriceWithdrawal;
  readonly #skus: string[] = [];
  readonly #entries = new Map<string, RestoredPrices>();
  #left: number;
  #end: Omit<WithdrawalRest, 'id'> | undefined;

  constructor(withdrawal: PriceWithdrawal) {
    this.#withdrawal = { ...withdrawal, data: { updates: withdrawal.data.updates, restored: [] } };
    this.#left = roomIn({ ...this.#withdrawal, data: { ...this.#withdrawal.data, skus: [] } });
  }

  /** Where the next one goes on. */
  get end(): Omit<WithdrawalRest, 'id'> | undefined {
    return this.#end;
  }

  /** @param isAll nothing is left to another part, and nothing was in one before */
  withdrawal(isAll: boolean): PriceWithdrawal {
    const { data } = this.#withdrawal;
    const restored = [...this.#entries.values()];
    return {
      ...this.#withdrawal,
      data: { ...data, ...(isAll ? {} : { skus: this.#skus }), restored },
    };
  }

  /** @returns false where something is left to the next one @throws UpdateTooLargeError where it can't hold even one */
  add(sku: string, restored: readonly Restored[]): boolean {
    const bytes = bytesOf(sku) + restored.reduce((sum, one) => sum + this.#growth(one), 0);
    if (bytes <= this.#left) {
      this.#begin(sku);
      for (const one of restored) this.#take(one);
      this.#end = { sku };
      return true;
    }
    if (this.#skus.length > 0) return false;
    return this.#addSome(sku, restored);
  }

  #addSome(sku: string, restored: readonly Restored[]): boolean {
    this.#begin(sku);
    for (const one of restored) {
      if (this.#growth(one) > this.#left) {
        if (this.#end === undefined)
          throw new UpdateTooLargeError(`a price of ${sku} takes more than a frame`);
        return false;
      }
      this.#take(one);
      this.#end = { sku, within: placeOf(one) };
    }
    // Its prices of one update share the times, so more of them fit than it seemed.
    this.#end = { sku };
    return true;
  }

  #begin(sku: string): void {
    this.#skus.push(sku);
    this.#left -= bytesOf(sku);
  }

  #take(one: Restored): void {
    this.#left -= this.#growth(one);
    const { channel, price, update } = one;
    const entry = this.#entries.get(update.id) ?? emptyEntry(update);
    if (!entry.channels.includes(channel)) entry.channels.push(channel);
    if (!entry.prices.some(other => priceKey(other) === priceKey(price))) entry.prices.push(price);
    this.#entries.set(update.id, entry);
  }

  #growth({ channel, price, update }: Restored): number {
    const entry = this.#entries.get(update.id);
    if (entry === undefined) return bytesOf(emptyEntry(update)) + bytesOf(channel) + bytesOf(price);
    const isNamed = entry.channels.includes(channel);
    const isThere = entry.prices.some(other => priceKey(other) === priceKey(price));
    return (isNamed ? 0 : bytesOf(channel)) + (isThere ? 0 : bytesOf(price));
  }
}

/** Their order within a SKU: two parts agree on it. */
export function placeOf({ channel, price, update }: Restored): string {
  return `${update.id} ${channel} ${priceKey(price)}`;
}

function emptyEntry(update: Restored['update']): RestoredPrices {
  const { id, publishedAt, validFrom, validUntil } = update;
  const times = { publishedAt, validFrom, validUntil, ...localTimesOf(update) };
  return { updateId: id, ...times, channels: [], prices: [] };
}

/** With the comma behind it. */
function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}
