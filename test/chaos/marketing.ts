/** Marketing on a bad day: what the bus accepts of it, some of it twice, out of order, or such as can't succeed. */

import type { Target } from '../../cli/target.ts';
import type { Random } from './random.ts';
import type { Identity } from './till.ts';

export interface Audience {
  regions?: string[];
  groups?: string[];
  stores?: string[];
}

export interface Publication {
  type: string;
  detail: { updateId: string; audience?: Audience; [name: string]: unknown };
}

export interface Poison {
  /** Unlike an id, the letter of an event that its Lambda never got to read has it, too. */
  source: string;
  type: string;
  detail: object;
  reason: RegExp;
}

const REGIONS = ['north', 'east', 'south', 'west'];
const GROUPS = ['city', 'mall', 'drive-in'];
const HOUR_MS = 3_600_000;

export class Marketing {
  /** What the bus accepted, by update id. */
  readonly accepted = new Map<string, Publication>();
  readonly poisons = new Map<string, Poison>();
  readonly #target: () => Target;
  readonly #random: Random;
  readonly #stores: readonly Identity[];
  #poisonsMade = 0;
  readonly #count: (what: string) => void;
  #published = 0;

  constructor(options: {
    target: () => Target;
    random: Random;
    stores: readonly Identity[];
    count: (what: string) => void;
  }) {
    this.#target = options.target;
    this.#random = options.random;
    this.#stores = options.stores;
    this.#count = options.count;
  }

  /** The next thing that marketing thinks of. */
  async publish(): Promise<void> {
    const random = this.#random;
    if (random.chance(0.15)) return this.#publishOutOfOrder();
    const content = random.chance(0.6)
      ? this.#price()
      : random.chance(0.7)
        ? this.#offer()
        : this.#withdrawal();
    const isDoubled = random.chance(0.25);
    const publication = this.#address(content);
    await this.#putUntilAccepted(publication);
    if (isDoubled) {
      this.#count('events doubled');
      await this.#putUntilAccepted(publication);
    }
  }

  /** Publishes again what lies with the dead letters, as the operator does. */
  async redrive(updateId: string): Promise<void> {
    const publication = this.accepted.get(updateId);
    if (publication !== undefined) await this.#putUntilAccepted(publication);
  }

  async poison(): Promise<void> {
    for (const [type, detail, reason] of poisonous()) {
      // Not by those that were taken: while the bus is gone two episodes may wait with theirs.
      this.#poisonsMade += 1;
      const source = `chaos.poison-${this.#poisonsMade}`;
      this.#count('poison events');
      await this.putPoison({ source, type, detail, reason });
    }
  }

  async putPoison(poison: Poison): Promise<void> {
    await this.#insist(() => this.#target().putEvent(poison.source, poison.type, poison.detail));
    this.poisons.set(poison.source, poison);
  }

  /** The price that takes effect last comes first. */
  async #publishOutOfOrder(): Promise<void> {
    const first = this.#price();
    const reduced = first.detail.prices.map(price => ({ ...price, amount: 0 }));
    const later = { ...first, detail: { ...first.detail, validFrom: this.#time(3_000) } };
    const sooner = { ...first, detail: { prices: reduced, validFrom: this.#time(1_000) } };
    this.#count('events out of order');
    await this.#putUntilAccepted(this.#address(later));
    await this.#putUntilAccepted(this.#address(sooner));
  }

  #price() {
    const random = this.#random;
    const first = random.between(0, 9);
    const prices = Array.from({ length: random.between(1, 5) }, (_, index) => ({
      sku: `sku-${first + index}`,
      amount: random.between(1, 999),
      currency: 'EUR',
    }));
    return { type: 'PriceChanged', detail: { prices } };
  }

  #offer() {
    const offerId = `offer-${this.#random.between(0, 4)}`;
    const discount = { percent: this.#random.between(5, 50) };
    const detail = {
      offerId,
      title: offerId,
      skus: ['milk'],
      discount,
      validUntil: this.#time(12 * HOUR_MS),
    };
    return { type: 'OfferPublished', detail };
  }

  #withdrawal() {
    return { type: 'OfferWithdrawn', detail: { offerId: `offer-${this.#random.between(0, 4)}` } };
  }

  #address({ type, detail }: { type: string; detail: object }): Publication {
    this.#published += 1;
    const audience = this.#audience();
    return {
      type,
      detail: { ...detail, updateId: `chaos-${this.#published}`, ...(audience && { audience }) },
    };
  }

  /** Undefined is every store. */
  #audience(): Audience | undefined {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.4) return undefined;
    if (kind < 0.6) return { regions: [random.pick(REGIONS)] };
    if (kind < 0.8) return { groups: [random.pick(GROUPS)], regions: [random.pick(REGIONS)] };
    return { stores: [random.pick(this.#stores).storeId, random.pick(this.#stores).storeId] };
  }

  async #putUntilAccepted(publication: Publication): Promise<void> {
    const { detail, type } = publication;
    await this.#insist(() => this.#target().putEvent('chaos', type, detail));
    this.accepted.set(detail.updateId, publication);
  }

  /** A bus that was killed may have taken it without saying so: the update's id makes the repeat harmless. */
  async #insist(put: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await put();
        return;
      } catch (error) {
        if (!isGone(error) && !isRefused(error)) throw error;
        this.#count(
          isGone(error) ? 'events put again after the bus was gone' : 'events put again after a refusal',
        );
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    }
  }

  #time(fromNowMs: number): string {
    return new Date(Date.now() + fromNowMs).toISOString();
  }
}

/** One of each kind, with what its dead letter must say. */
function poisonous(): [type: string, detail: object, reason: RegExp][] {
  const price = { sku: 'A', amount: 1, currency: 'EUR' };
  const offer = { offerId: 'o', title: 'o', skus: ['A'], discount: { percent: 5 } };
  return [
    ['PricesChanged', { prices: [price] }, /unknown detail-type/],
    ['PriceChanged', { prices: [{ ...price, amount: 1.5 }] }, /amount/],
    ['OfferPublished', { ...offer, validUntil: '2020-01-01T00:00:00Z' }, /past/],
    [
      'PriceChanged',
      { prices: Array.from({ length: 700 }, (_, sku) => ({ ...price, sku: `sku-${sku + 1e4}` })) },
      /bytes/,
    ],
  ];
}

function isGone(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE';
}

/** As by a bus whose disk is full. */
function isRefused(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return ($metadata?.httpStatusCode ?? 0) >= 500;
}
