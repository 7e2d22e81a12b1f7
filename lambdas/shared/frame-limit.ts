/**
 * How many frames a store may send in a second, so that a till gone wild can't take the chain's throttle from the others.
 * The count is the store's, not this environment's: Lambda spreads a store's frames over as many environments as they
 * keep busy. It costs a write only to a store that sends far more than stores do: an environment lets a few frames pass
 * in each second, and draws the others in blocks from the store's item.
 */
import type { Roster } from './roster.ts';

/** A hundredth of the account's 10,000 requests a second, and some two hundred times what a store's day needs. */
export const FRAMES_PER_SECOND = 100;
const UNCOUNTED = 20;
const BLOCK = 20;

/** Stores remembered by an environment; it begins anew past them, which lets some frames more pass. */
const MOST_STORES = 10_000;

interface Allowance {
  second: number;
  left: number;
  isSpent: boolean;
}

export class FrameLimit {
  readonly #roster: Roster;
  readonly #allowances = new Map<string, Allowance>();

  constructor(options: { roster: Roster }) {
    this.#roster = options.roster;
  }

  /** Counts a frame; false if the store has sent too many in this second. @param now milliseconds since the epoch */
  async admits(storeId: string, now: number): Promise<boolean> {
    const allowance = this.#allowanceOf(storeId, Math.floor(now / 1000));
    if (allowance.left === 0 && !allowance.isSpent) await this.#drawBlock(storeId, allowance);
    if (allowance.left === 0) return false;
    allowance.left -= 1;
    return true;
  }

  #allowanceOf(storeId: string, second: number): Allowance {
    const known = this.#allowances.get(storeId);
    if (known !== undefined && known.second >= second) return known;
    if (this.#allowances.size >= MOST_STORES) this.#allowances.clear();
    const allowance = { second, left: UNCOUNTED, isSpent: false };
    this.#allowances.set(storeId, allowance);
    return allowance;
  }

  async #drawBlock(storeId: string, allowance: Allowance): Promise<void> {
    const drawn = await this.#roster.drawFrames(storeId, allowance.second, BLOCK, FRAMES_PER_SECOND);
    if (drawn) allowance.left += BLOCK;
    else allowance.isSpent = true;
  }
}
