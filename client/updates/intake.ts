/**
 * What happens to an update: seen already, over, applied, or refused by the application. However it ends, it counts
 * as seen and gets a receipt. Only what was applied, or is over, is in the price book: a price that the application
 * refused is not in force in this store, and the chain's delivery report says so.
 */
import { isOver } from '../../domain/time.ts';
import { type KnownUpdate, readUpdate } from '../../domain/updates/read-update.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import type { Agenda } from '../till/agenda.ts';
import type { PriceBook } from '../till/price-book.ts';
import type { ServerClock } from '../time/server-clock.ts';
import type { StorePositions } from './positions.ts';
import type { Receipts } from './receipt-sender.ts';

export interface IntakeOptions {
  positions: StorePositions;
  book: PriceBook;
  receipts: Receipts;
  agenda: Agenda;
  serverClock: ServerClock;
  /** The application's own handler. */
  apply: (update: UpdateFrame) => void | Promise<void>;
  arrived: (update: UpdateFrame) => void;
  applied: (update: UpdateFrame, appliedAt: string) => void;
  rejected: (update: UpdateFrame, reason: string) => void;
  /** There is something to save. */
  changed: () => void;
}

const EXPIRED = 'expired';

export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async take(update: UpdateFrame): Promise<void> {
    const { positions, receipts, changed } = this.#options;
    if (!positions.concerns(update.positions)) return;
    if (positions.hasSeen(update.positions)) {
      positions.take(update.positions);
      receipts.repeat(update.id);
    } else {
      this.#options.arrived(update);
      await this.#apply(update);
    }
    changed();
  }

  async #apply(update: UpdateFrame): Promise<void> {
    let known: KnownUpdate;
    try {
      known = readUpdate(update);
      // Half a round trip early rather than late.
      if (isOver(update, this.#options.serverClock.latest())) return this.#reject(update, EXPIRED, known);
      await this.#options.apply(update);
    } catch (error) {
      return this.#reject(update, error instanceof Error ? error.message : String(error));
    }
    this.#accept(update, known);
  }

  // Book, positions and receipt change without a pause between them: no save can hold one without the others.
  #accept(update: UpdateFrame, known: KnownUpdate): void {
    const { positions, receipts, serverClock } = this.#options;
    const appliedAt = serverClock.timestamp();
    this.#enter(known);
    positions.take(update.positions);
    receipts.applied(update.id, appliedAt);
    this.#options.applied(update, appliedAt);
  }

  #reject(update: UpdateFrame, reason: string, known?: KnownUpdate): void {
    const { positions, receipts } = this.#options;
    // Over as it is, it may still be what ends an older event of the same offer.
    if (known !== undefined) this.#enter(known);
    positions.take(update.positions);
    receipts.rejected(update.id, reason);
    this.#options.rejected(update, reason);
  }

  #enter(known: KnownUpdate): void {
    const { agenda, book } = this.#options;
    agenda.catchUp();
    book.take(known);
    agenda.note(known);
  }
}
