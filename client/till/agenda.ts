/** Wakes when the chain's time changes the price book by itself: a price takes effect or ends, an offer starts or ends. */

import type { BookChange, PriceBook } from '../../domain/book/price-book.ts';
import type { KnownUpdate } from '../../domain/updates/read-update.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';

/** Set back by more, the time was wrong before: what was told too early is told again when it is true. */
const CORRECTION_MS = 1_000;

export class Agenda {
  readonly #clock: Clock;
  readonly #serverClock: ServerClock;
  readonly #book: PriceBook;
  readonly #onChange: (change: BookChange) => void;
  #toldUntil: number;
  #nextAt = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(
    clock: Clock,
    serverClock: ServerClock,
    book: PriceBook,
    onChange: (change: BookChange) => void,
  ) {
    this.#clock = clock;
    this.#serverClock = serverClock;
    this.#book = book;
    this.#onChange = onChange;
    this.#toldUntil = serverClock.now();
  }

  /** Tells what fell due since the last time. Comes before each update, which speaks for itself. */
  catchUp(): void {
    const now = this.#serverClock.now();
    if (this.#toldUntil - now > CORRECTION_MS) this.#toldUntil = now;
    const from = this.#toldUntil;
    this.#toldUntil = Math.max(from, now);
    // Most often nothing is due, and the book need not be searched.
    if (now < this.#nextAt) return;
    this.#nextAt = Number.POSITIVE_INFINITY;
    for (const change of this.#book.changes(from, now)) this.#onChange(change);
  }

  /** A new update may be the next thing to change. */
  note(update: KnownUpdate): void {
    const { from, until } = this.#book.periodOf(update);
    for (const at of [from, until]) if (at > this.#toldUntil && at < this.#nextAt) this.#nextAt = at;
  }

  /** Sets the timer anew; comes after updates and after the chain's time was measured. */
  arm(): void {
    this.#cancel();
    this.catchUp();
    this.#nextAt = this.#book.nextChange(this.#toldUntil) ?? Number.POSITIVE_INFINITY;
    if (this.#nextAt === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#clock.after(this.#nextAt - this.#serverClock.now(), () => this.arm());
  }

  /** Starts over with a book that was restored: what is in force in it needs no telling. */
  restart(): void {
    this.#toldUntil = this.#serverClock.now();
    this.arm();
  }

  stop(): void {
    this.#cancel();
  }
}
