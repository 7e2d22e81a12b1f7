/**
 * Weighs frames by what they read and write, so that no store's frames use up what all stores share. A frame is charged
 * for before it is parsed, and by its shape before the work; after the work the charge is corrected by what DynamoDB took.
 * A store that goes on for long after it was told `rate_limited` loses its line.
 */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import type { StoreFrame } from '../../domain/protocol/store-frames.ts';
import { type Consumption, counting, READS_PER_WRITE } from '../aws/consumed-units.ts';
import { log } from '../aws/log.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Line } from '../registry/connections.ts';
import { FRAMES_PER_SECOND, type StoreLimit, UNITS_PER_SECOND } from '../registry/store-limit.ts';
import type { FrameOf } from './frame-handler.ts';

/** What any frame weighs, one that can't be parsed too. */
const LEAST_UNITS = UNITS_PER_SECOND / FRAMES_PER_SECOND;
/** Refusals in a row, in one environment, after which a line is closed. */
export const MOST_REFUSALS = 200;

/** That a write unit holds. */
const RECEIPTS_PER_UNIT = 12;

const TOO_MUCH = `more than ${FRAMES_PER_SECOND} frames in a second, or heavier ones; send this one again a second later`;
const TOO_MANY_SYNCS = 'more than one sync in a second; send this one again a second later';

export interface FrameBudgetOptions {
  gateway: Pick<Gateway, 'disconnect'>;
  units: StoreLimit;
  syncs: StoreLimit;
}

export class FrameBudget {
  readonly #options: FrameBudgetOptions;

  constructor(options: FrameBudgetOptions) {
    this.#options = options;
  }

  /** Charges for a frame that has come, whatever it is. @throws FrameError `rate_limited` */
  async take(line: Line, now: number): Promise<void> {
    await this.#charge(line, now, LEAST_UNITS);
  }

  /**
   * Charges for what a frame asks for, does it, and corrects the charge by what it took.
   *
   * @throws FrameError `rate_limited` before the work, and whatever the work throws
   */
  async spend<T>(line: Line, frame: StoreFrame, now: number, work: () => Promise<T>): Promise<T> {
    const { identity } = line;
    if (identity.role !== 'store') return work();
    const { syncs, units } = this.#options;
    // A page of the current state is asked for by its cursor, as fast as it can be taken in.
    const isSync = frame.action === 'sync' && frame.cursor === undefined;
    if (isSync && !(await syncs.admits(identity.storeId, now))) throw rateLimited(TOO_MANY_SYNCS);
    const charged = Math.max(LEAST_UNITS, weightOf(frame));
    if (charged > LEAST_UNITS) await this.#charge(line, now, charged - LEAST_UNITS);
    const consumption: Consumption = { units: 0 };
    try {
      return await counting(consumption, work);
    } finally {
      const taken = Math.max(LEAST_UNITS, consumption.units);
      await units.settle(identity.storeId, now, taken - charged);
    }
  }

  async #charge({ connectionId, identity }: Line, now: number, weight: number): Promise<void> {
    if (identity.role !== 'store') return;
    const { gateway, units } = this.#options;
    const { storeId } = identity;
    if (await units.admits(storeId, now, weight)) return;
    if (units.refusals(storeId) % MOST_REFUSALS === 0) {
      log.warn('a line that does not listen is closed', { storeId });
      await gateway.disconnect(connectionId);
    }
    throw rateLimited(TOO_MUCH);
  }
}

function rateLimited(message: string): FrameError {
  return new FrameError('rate_limited', message);
}

/** Read units that a frame of this shape usually takes. */
export function weightOf(frame: StoreFrame): number {
  switch (frame.action) {
    case 'ping':
    case 'watch':
    case 'message':
      return 20;
    case 'sync':
      return 100;
    case 'applied':
      return weightOfReceipts(frame);
    case 'sales':
      return weightOfSales(frame.sales);
    case 'report':
      return 20 + weightOfReceipts(frame) + weightOfSales(frame.sales);
  }
}

/** They are stored together, and the update of each may have to be read. */
function weightOfReceipts({ rejected, updates }: FrameOf<'applied' | 'report'>): number {
  const count = updates.length + rejected.length;
  return 2 * READS_PER_WRITE + count * (1 + READS_PER_WRITE / RECEIPTS_PER_UNIT);
}

/** A minute's item and its entry in the index are written together, and grow with its sales. */
function weightOfSales(sales: readonly unknown[]): number {
  return (sales.length / 3 + 4 * minutesOf(sales)) * READS_PER_WRITE;
}

/** How many minutes the sales touch, as far as they can be read: `2026-12-01T06:00`. */
function minutesOf(sales: readonly unknown[]): number {
  return new Set(sales.map(sale => String((sale as { soldAt?: unknown } | null)?.soldAt).slice(0, 16))).size;
}
