/**
 * How much a store may ask for in a while, so that a till gone wild can't take the chain's throttle from the others: frames
 * a second, handshakes in ten. The count is the store's, not this environment's: Lambda spreads a store's events over as
 * many environments as they keep busy. It costs a write only to a store that asks for far more than stores do: an
 * environment lets a few pass in each window, and draws the others in blocks from the store's item.
 */
import type { Roster } from './roster.ts';

/** A hundredth of the account's 10,000 requests a second, and some two hundred times what a store's day needs. */
export const FRAMES_PER_SECOND = 100;
/** Our client's shortest back-off comes to some twenty; one line at a time is all that a store needs. */
export const HANDSHAKES_IN_TEN_SECONDS = 30;

/** Stores remembered by an environment; it begins anew past them, which lets some more pass. */
const MOST_STORES = 10_000;

export interface StoreLimitOptions {
  roster: Roster;
  of: 'frames' | 'handshakes';
}

interface Rule {
  windowMs: number;
  /** In a window, all environments together. */
  most: number;
  /** In a window, of each environment besides. */
  uncounted: number;
  block: number;
}

const rules: Record<StoreLimitOptions['of'], Rule> = {
  frames: { windowMs: 1_000, most: FRAMES_PER_SECOND, uncounted: 20, block: 20 },
  handshakes: { windowMs: 10_000, most: HANDSHAKES_IN_TEN_SECONDS, uncounted: 5, block: 5 },
};

interface Allowance {
  window: number;
  left: number;
  isSpent: boolean;
}

export class StoreLimit {
  readonly #options: StoreLimitOptions;
  readonly #rule: Rule;
  readonly #allowances = new Map<string, Allowance>();

  constructor(options: StoreLimitOptions) {
    this.#options = options;
    this.#rule = rules[options.of];
  }

  /** Counts one; false if the store has had too many in this window. @param now milliseconds since the epoch */
  async admits(storeId: string, now: number): Promise<boolean> {
    const allowance = this.#allowanceOf(storeId, Math.floor(now / this.#rule.windowMs));
    if (allowance.left === 0 && !allowance.isSpent) await this.#drawBlock(storeId, allowance);
    if (allowance.left === 0) return false;
    allowance.left -= 1;
    return true;
  }

  #allowanceOf(storeId: string, window: number): Allowance {
    const known = this.#allowances.get(storeId);
    if (known !== undefined && known.window >= window) return known;
    if (this.#allowances.size >= MOST_STORES) this.#allowances.clear();
    const allowance = { window, left: this.#rule.uncounted, isSpent: false };
    this.#allowances.set(storeId, allowance);
    return allowance;
  }

  async #drawBlock(storeId: string, allowance: Allowance): Promise<void> {
    const { of, roster } = this.#options;
    const { block, most } = this.#rule;
    if (await roster.draw(of, storeId, allowance.window, block, most)) allowance.left += block;
    else allowance.isSpent = true;
  }
}
