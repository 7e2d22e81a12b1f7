/**
 * A new whole in the making: the book and the positions that will take the place of the present ones in one step,
 * once all has come. Until then the present ones hold, and nothing of this is saved.
 */

import type { PriceBook } from '../../domain/book/price-book.ts';
import type { Positions, UpdateFrame } from '../../domain/updates/update.ts';
import type { Outcome } from './application.ts';
import { StorePositions } from './positions.ts';

export class Rebuild {
  /** Pages of the current state are coming, not of the log. */
  isState = false;
  #book: PriceBook;
  readonly positions = new StorePositions();
  readonly #outcomes = new Map<string, Outcome>();
  #unreceipted: Outcome[] = [];

  /** @param book what is in it from the beginning */
  constructor(book: PriceBook) {
    this.#book = book;
  }

  get book(): PriceBook {
    return this.#book;
  }

  /** Whether the application has been given this update since the beginning. */
  has(id: string): boolean {
    return this.#outcomes.has(id);
  }

  get isEmpty(): boolean {
    return this.#outcomes.size === 0;
  }

  /** What it began with doesn't count: all that is in force comes. */
  restart(): void {
    this.#book = this.#book.ofChannels([]);
  }

  /** @param isReceipted its receipt went with the present whole, too */
  enter(outcome: Outcome, isReceipted: boolean): void {
    const { update } = outcome;
    this.#outcomes.set(update.id, outcome);
    if ('known' in outcome && outcome.known !== undefined)
      this.#book.take(outcome.known, Object.keys(update.positions));
    if (!isReceipted) this.#unreceipted.push(outcome);
  }

  /** The end of a page of the log. */
  settle(answer: Positions, asked: Positions): void {
    this.positions.settle(answer, asked);
  }

  /** What needs a receipt once the whole is in force. */
  get unreceipted(): readonly Outcome[] {
    return this.#unreceipted;
  }

  /** What the application could not take. */
  get unapplied(): UpdateFrame[] {
    return [...this.#outcomes.values()].flatMap(outcome =>
      outcome.type === 'failed' ? [outcome.update] : [],
    );
  }
}
