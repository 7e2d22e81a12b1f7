/**
 * Limits a store's frames a second and handshakes in ten seconds, so that a faulty till can't use up the account's
 * throttle. The count is of the store, not of this environment, since Lambda spreads a store's events over several
 * environments. Only a store that sends far more than usual costs a write: an environment admits a few in each window
 * without counting them together, and draws the others in blocks from the store's item.
 */
import type { Roster } from './roster.ts';

/** A hundredth of the account's 10,000 requests a second, and some two hundred times what a store needs. */
export const FRAMES_PER_SECOND = 100;
/** Our client's shortest back-off amounts to some twenty; a store needs one line at a time. */
export const HANDSHAKES_IN_TEN_SECONDS = 30;

/** Stores that an environment remembers; past them it starts over, which admits a few more. */
const MOST_STORES = 10_000;

export interface StoreLimitOptions {
  roster: Roster;
  of: 'frames' | 'handshakes';
}

interface Rule {
  windowMs: number;
  /** In a window, over all environments. */
  most: number;
  /** In a window, in addition, by each environment. */
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

  /** Counts one; false if the store had too many in this window. @param now milliseconds since the epoch */
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
