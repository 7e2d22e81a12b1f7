/**
 * What happens to an update: seen already, over, applied, or refused by the application. However it ends, it counts
 * as seen and gets a receipt. Only what was applied, or is over, is in the price book: a price that the application
 * refused is not in force in this store, and the chain's delivery report says so.
 *
 * While a new whole is in the making, an update that comes live takes effect at once in the present one, and is in
 * the new one too.
 */

import type { PriceBook } from '../../domain/book/price-book.ts';
import type { ArrivedUpdate } from '../../domain/protocol/chain-frames.ts';
import type { KnownUpdate } from '../../domain/updates/read-update.ts';
import type { Positions, UpdateFrame } from '../../domain/updates/update.ts';
import type { Agenda } from '../till/agenda.ts';
import type { Application, Outcome, RebuildReason } from './application.ts';
import type { StorePositions } from './positions.ts';
import { Rebuild } from './rebuild.ts';
import type { Receipts } from './receipt-sender.ts';
import type { Retries } from './retries.ts';

export interface IntakeOptions {
  application: Application;
  positions: StorePositions;
  book: PriceBook;
  receipts: Receipts;
  retries: Retries;
  agenda: Agenda;
  arrived: (update: UpdateFrame) => void;
  applied: (update: UpdateFrame, appliedAt: string) => void;
  rejected: (update: ArrivedUpdate, reason: string) => void;
  /** There is something to save. */
  changed: () => void;
}

export class Intake {
  readonly #options: IntakeOptions;
  #rebuild: Rebuild | undefined;
  /** What came live since the chain was asked: the answer, if it is a new whole, may be without it. */
  #overtaking: ArrivedUpdate[] | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** The new whole in the making. */
  get rebuild(): Rebuild | undefined {
    return this.#rebuild;
  }

  /** The chain is asked what was missed. */
  asked(): void {
    this.#overtaking = [];
  }

  /** The answer is taken. */
  answered(): void {
    this.#overtaking = undefined;
  }

  /** An update that came live. */
  async arrive(update: ArrivedUpdate): Promise<void> {
    this.#overtaking?.push(update);
    await this.take(update);
  }

  /** An update that came live, or was missed. */
  async take(update: ArrivedUpdate): Promise<void> {
    const { positions, receipts, changed, application } = this.#options;
    const concernsPresent = positions.concerns(update.positions);
    if (!concernsPresent && this.#rebuild === undefined) return;
    if (concernsPresent && positions.hasSeen(update.positions)) {
      positions.take(update.positions);
      receipts.repeat(update.id);
    } else if (!this.#rebuild?.has(update.id)) {
      this.#tellArrived(update);
      this.#enter(await application.apply(update));
    }
    changed();
  }

  /** One that failed is due again. */
  async retry(update: UpdateFrame): Promise<void> {
    const { application, retries, changed } = this.#options;
    if (!retries.holds(update.id)) return;
    const outcome = await application.apply(update);
    // Another whole may have taken the place of this one meanwhile.
    if (outcome.type !== 'failed') retries.taken(update.id);
    this.#enter(outcome);
    changed();
  }

  /**
   * Begins a new whole in place of one that may be in the making.
   *
   * @param kept the channels whose entries it begins with
   * @returns false if the application can't begin
   */
  async begin(reason: RebuildReason, kept: readonly string[]): Promise<boolean> {
    const { application, book, positions } = this.#options;
    const overtaking = this.#overtaking ?? [];
    this.#rebuild = undefined;
    if (!(await application.begin(reason))) return false;
    const rebuild = new Rebuild(book.ofChannels(kept));
    this.#rebuild = rebuild;
    for (const update of overtaking) {
      rebuild.enter(await application.applyWaiting(update), positions.concerns(update.positions));
      rebuild.positions.take(update.positions);
    }
    return true;
  }

  /** A page of the new whole. */
  async takeNew(rebuild: Rebuild, updates: readonly ArrivedUpdate[]): Promise<void> {
    const { application } = this.#options;
    for (const update of updates) {
      if (rebuild.has(update.id)) continue;
      this.#tellArrived(update);
      rebuild.enter(await application.applyWaiting(update), false);
    }
  }

  /**
   * The new whole takes the place of the present one.
   *
   * @returns false if the application can't commit; the present one stays then
   */
  async commit(rebuild: Rebuild): Promise<boolean> {
    const { application, agenda, book, positions, retries, changed } = this.#options;
    if (!(await application.commit())) return false;
    // Without a pause from here: no save can hold one part without the others.
    agenda.catchUp();
    book.become(rebuild.book);
    positions.become(rebuild.positions);
    this.keepOwn();
    retries.replace(rebuild.unapplied);
    this.#rebuild = undefined;
    for (const outcome of rebuild.unreceipted) this.#receipt(outcome);
    changed();
    return true;
  }

  /** The chain has named the store's channels: a withdrawal also brings back what is of other stores' channels alone. */
  keepOwn(): void {
    const { book, positions } = this.#options;
    book.become(book.ofChannels(Object.keys(positions.runs)));
  }

  /** Nothing more will come of the new whole. */
  abandon(): void {
    this.#rebuild = undefined;
    this.#overtaking = undefined;
  }

  #tellArrived(update: ArrivedUpdate): void {
    if ('data' in update) this.#options.arrived(update);
  }

  /** Book, positions and receipt change without a pause between them: no save can hold one without the others. */
  #enter(outcome: Outcome): void {
    const { positions, retries } = this.#options;
    const { update } = outcome;
    const isPresent = positions.concerns(update.positions);
    if (isPresent) {
      if ('known' in outcome && outcome.known !== undefined) this.#enterBook(outcome.known, update.positions);
      positions.take(update.positions);
      if (outcome.type === 'failed') retries.again(outcome.update);
      else this.#receipt(outcome);
    }
    this.#rebuild?.enter(outcome, isPresent);
    this.#rebuild?.positions.take(update.positions);
  }

  #enterBook(known: KnownUpdate, positions: Positions): void {
    const { agenda, book } = this.#options;
    agenda.catchUp();
    book.take(this.#own(known), Object.keys(positions));
    agenda.note(known);
  }

  /** A withdrawal also brings back what is of other stores' channels alone. */
  #own(known: KnownUpdate): KnownUpdate {
    if (known.kind !== 'price.withdrawn') return known;
    const { positions } = this.#options;
    const isOwn = (channels: string[]) =>
      positions.concerns(Object.fromEntries(channels.map(channel => [channel, 0])));
    const restored = known.data.restored.filter(({ channels }) => isOwn(channels));
    return { ...known, data: { ...known.data, restored } };
  }

  #receipt(outcome: Outcome): void {
    const { receipts, applied, rejected } = this.#options;
    const isWanted = 'receipts' in outcome.update && outcome.update.receipts === 'now';
    if (outcome.type === 'applied') {
      receipts.applied(outcome.update.id, outcome.appliedAt, isWanted);
      applied(outcome.update, outcome.appliedAt);
    } else if (outcome.type === 'rejected') {
      receipts.rejected(outcome.update.id, outcome.reason, isWanted);
      rejected(outcome.update, outcome.reason);
    }
  }
}
