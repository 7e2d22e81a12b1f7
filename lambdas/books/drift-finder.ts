/**
 * Finds stores whose book is another one than it should be. What is suspected is noted with the store; once it has been so
 * for longer than a store needs to tell of its book again, it is confirmed, and the store is told with its next report
 * (frames/report.ts). Runs may repeat or overlap: each writes only what it sees of the book that the store told of.
 */
import { isSamePlace } from '../../domain/updates/channels.ts';
import type { Roster } from '../registry/roster.ts';
import type { CatchUp } from '../updates/missed-updates.ts';
import { agreedHash, type BookHolder, bookGroups, isHolder } from './book-groups.ts';
import { expectedBook } from './expected-book.ts';

export interface DriftFinderOptions {
  roster: Pick<Roster, 'all' | 'clearDrift' | 'enlist' | 'noteDrift'>;
  catchUp: Pick<CatchUp, 'page'>;
  /** In how many runs the whole fleet has its turn: a large one is compared in parts. @default 1 */
  turns?: number;
}

export interface DriftReport {
  /** Stores that told of their book lately. */
  compared: number;
  /** Those whose book is confirmed to be another one. */
  adrift: string[];
  /** Those of which that is new. */
  found: string[];
}

/** A store at rest that has nothing else to say tells of its book each three minutes. */
const CONFIRMED_AFTER_MS = 190_000;
/** A store that was not heard for longer is off the line, or says nothing of its book. */
const HEARD_WITHIN_MS = 10 * 60_000;
/** From one run to the next. */
const RUN_MS = 60_000;
/** To build a book takes as many reads as a new store's sync: so many in a run, each run others. */
const BUILT_BOOKS = 10;

export class DriftFinder {
  readonly #options: DriftFinderOptions;

  constructor(options: DriftFinderOptions) {
    this.#options = options;
  }

  /** @param now milliseconds since the epoch */
  async run(now: number): Promise<DriftReport> {
    const { roster, turns = 1 } = this.#options;
    const stores: BookHolder[] = [];
    for await (const page of roster.all({ number: Math.floor(now / RUN_MS) % turns, of: turns })) {
      stores.push(...page.filter(isHolder).filter(({ lastSeenAt }) => lastSeenAt > now - HEARD_WITHIN_MS));
      // Whoever reads the roster list has to find it there.
      for (const { isListed = true, storeId } of page) if (!isListed) await roster.enlist(storeId);
    }
    const report: DriftReport = { compared: stores.length, adrift: [], found: [] };
    const divided: BookHolder[][] = [];
    for (const group of bookGroups(stores)) {
      const agreed = agreedHash(group);
      if (agreed === undefined) divided.push(group);
      else await this.#compare(group, agreed, now, report);
    }
    for (const group of someOf(divided, now)) {
      const [first] = group;
      if (first === undefined) continue;
      const { hash, positions } = await expectedBook(first, this.#options.catchUp, now);
      // What was published since then is on its way.
      if (isSamePlace(positions, first.positions)) await this.#compare(group, hash, now, report);
    }
    return report;
  }

  async #compare(
    group: readonly BookHolder[],
    expected: string,
    now: number,
    report: DriftReport,
  ): Promise<void> {
    const { roster } = this.#options;
    for (const { book, drift, storeId } of group) {
      if (book === expected) {
        if (drift !== undefined) await roster.clearDrift(storeId);
        continue;
      }
      const { since = now } = drift ?? {};
      const isConfirmed = since <= now - CONFIRMED_AFTER_MS;
      if (isConfirmed) report.adrift.push(storeId);
      if (isConfirmed && drift?.isConfirmed !== true) report.found.push(storeId);
      if (drift?.book !== book || drift.expected !== expected || drift.isConfirmed !== isConfirmed)
        await roster.noteDrift(storeId, { book, expected, since, isConfirmed });
    }
  }
}

/** Others each minute, until all had their turn. */
function someOf<T>(all: readonly T[], now: number): T[] {
  const turns = Math.max(1, Math.ceil(all.length / BUILT_BOOKS));
  const turn = Math.floor(now / RUN_MS) % turns;
  return all.filter((_, index) => index % turns === turn);
}
