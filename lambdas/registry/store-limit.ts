/**
 * Limits what a store asks for, so that a faulty till can't use up what all stores share. The count is of the store, not
 * of this environment, since Lambda spreads a store's events over several environments. Only a store that asks for far
 * more than usual costs a write: an environment has a small allowance of its own for each store, and draws what is above
 * it in blocks from the store's item.
 */
import type { Roster } from './roster.ts';

/** A hundredth of the account's 10,000 requests a second, and some two hundred times what a store needs. */
export const FRAMES_PER_SECOND = 100;
/** Read units, a write unit being five: the 1,000 write units a second that one partition key takes. */
export const UNITS_PER_SECOND = 5_000;
/** Our client's shortest back-off amounts to some twenty; a store needs one line at a time. */
export const HANDSHAKES_IN_TEN_SECONDS = 30;
/** What an environment lets pass at once, before it is one in a second: the pages of a list of 50,000 prices, one for each 24 KB. */
export const SYNCS_AT_ONCE = 240;

/** Stores that an environment remembers; past them it starts over, which admits a few more. */
const MOST_STORES = 10_000;

export interface StoreLimitOptions {
  roster: Pick<Roster, 'draw' | 'exhaust'>;
  of: keyof typeof rules;
}

interface Rule {
  windowMs: number;
  /** In a window, over all environments. */
  most: number;
  /** In addition, by each environment: at once, and what comes back of it in a window. */
  own: number;
  ownAgain: number;
  /** The least that is drawn. */
  block: number;
}

const rules = {
  units: { windowMs: 1_000, most: UNITS_PER_SECOND, own: UNITS_PER_SECOND, ownAgain: 100, block: 1_000 },
  handshakes: { windowMs: 10_000, most: HANDSHAKES_IN_TEN_SECONDS, own: 5, ownAgain: 5, block: 5 },
  // Their weight is counted over all environments anyway.
  syncs: { windowMs: 1_000, most: 0, own: SYNCS_AT_ONCE, ownAgain: 1, block: 1 },
} as const satisfies Record<string, Rule>;

interface Allowance {
  /** Below zero after work that weighed more than it was charged for. */
  left: number;
  filledAt: number;
  /** The window in which nothing more can be drawn. */
  spentWindow: number;
  refusals: number;
}

export class StoreLimit {
  readonly #options: StoreLimitOptions;
  readonly #rule: Rule;
  readonly #allowances = new Map<string, Allowance>();

  constructor(options: StoreLimitOptions) {
    this.#options = options;
    this.#rule = rules[options.of];
  }

  /**
   * Charges for one; false if the store asked for too much.
   *
   * @param now milliseconds since the epoch
   * @param weight at most what all environments have in a window counts
   */
  async admits(storeId: string, now: number, weight = 1): Promise<boolean> {
    const allowance = this.#allowanceOf(storeId, now);
    const charge = this.#rule.most === 0 ? weight : Math.min(weight, this.#rule.most);
    if (allowance.left < charge) await this.#draw(storeId, allowance, charge - allowance.left, now);
    if (allowance.left < charge) {
      allowance.refusals += 1;
      return false;
    }
    allowance.left -= charge;
    allowance.refusals = 0;
    return true;
  }

  /**
   * Corrects a charge after the work. What was taken may be more than there is left: then nobody draws until it has
   * come back.
   *
   * @param weight what the work took beyond its charge; below zero gives the rest back
   */
  async settle(storeId: string, now: number, weight: number): Promise<void> {
    const { of, roster } = this.#options;
    const { block, most } = this.#rule;
    const allowance = this.#allowanceOf(storeId, now);
    allowance.left -= weight;
    if (of === 'syncs' || allowance.left > -block) return;
    const windows = Math.ceil(-allowance.left / most);
    allowance.left = 0;
    await roster.exhaust(of, storeId, this.#windowAt(now) + windows, most);
  }

  /** How many were refused to this store in a row. */
  refusals(storeId: string): number {
    return this.#allowances.get(storeId)?.refusals ?? 0;
  }

  #windowAt(now: number): number {
    return Math.floor(now / this.#rule.windowMs);
  }

  #allowanceOf(storeId: string, now: number): Allowance {
    const { own, ownAgain, windowMs } = this.#rule;
    const known = this.#allowances.get(storeId);
    if (known !== undefined) {
      const comesBack = (Math.max(0, now - known.filledAt) / windowMs) * ownAgain;
      // What was drawn above the own allowance stays.
      known.left = Math.max(known.left, Math.min(own, known.left + comesBack));
      known.filledAt = Math.max(now, known.filledAt);
      return known;
    }
    if (this.#allowances.size >= MOST_STORES) this.#allowances.clear();
    const allowance = { left: own, filledAt: now, spentWindow: Number.NEGATIVE_INFINITY, refusals: 0 };
    this.#allowances.set(storeId, allowance);
    return allowance;
  }

  async #draw(storeId: string, allowance: Allowance, missing: number, now: number): Promise<void> {
    const { of, roster } = this.#options;
    const { block, most } = this.#rule;
    const window = this.#windowAt(now);
    const count = Math.min(Math.ceil(missing / block) * block, most);
    if (of === 'syncs' || allowance.spentWindow >= window) return;
    if (await roster.draw(of, storeId, window, count, most)) allowance.left += count;
    else allowance.spentWindow = window;
  }
}
