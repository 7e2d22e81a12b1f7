/**
 * The saved state as text: a line of JSON with all of it, and one more for each time that something changed. It is
 * written anew once the changes outgrow it, so that in the long run a change costs a few times its own length.
 */
import { withChanges } from '../../domain/book/book-changes.ts';
import type { PriceBook } from '../../domain/book/price-book.ts';
import { type Changed, withChanged } from '../../domain/book/tracked-map.ts';
import { UnreadableStateError } from '../storage/storage.ts';
import { type ClientState, readChange, readState, type SavedChange, type SavedState } from './state.ts';

/** What is saved beside the book. */
export type StateBesideBook = Omit<ClientState, 'book'>;

type ById<T> = ReadonlyMap<string, T>;

/** What the next change follows. */
interface Saved {
  name: string;
  changes: number;
  /** In UTF-16 units. */
  stateLength: number;
  changesLength: number;
  receipts: ById<StateBesideBook['receipts'][number]>;
  unapplied: ById<StateBesideBook['unapplied'][number]>;
}

/** Fewer units of changes than these are not worth another state. */
const MANY = 65_536;

export class Journal {
  readonly #random: () => number;
  /** Undefined where a change can't follow: nothing is saved, or it is not known what. */
  #saved: Saved | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * Reads what was saved. A last line that was cut off is left out: nobody was told that it is saved.
   *
   * @throws UnreadableStateError where anything before it is not as this library wrote it
   */
  read(text: string): ClientState {
    const [first = '', ...lines] = text.split('\n');
    const value = parsed(first);
    if (value === undefined) throw new UnreadableStateError('the saved state is not JSON');
    const state = readState(value);
    const cutOff = lines.pop();
    const values = lines.map(parsed);
    // A power cut may leave the last line with its end, and a hole in it.
    if (values.at(-1) === undefined) values.pop();
    const changes = values.map(readChange);
    for (const [index, { follows }] of changes.entries())
      if (follows[0] !== state.name || follows[1] !== index + 1)
        throw new UnreadableStateError(`line ${index + 2} of the saved state doesn't follow the one before`);
    const { name } = state;
    const present = withAll(state, changes);
    const isWhole = cutOff === '' && changes.length === lines.length;
    this.#saved =
      isWhole && name !== undefined
        ? {
            name,
            changes: changes.length,
            stateLength: first.length,
            changesLength: text.length - first.length,
            ...heldBy(present),
          }
        : undefined;
    return present;
  }

  /** All of the state, to be saved in place of everything. */
  state(beside: StateBesideBook, book: PriceBook): string {
    // Changes are told from here on.
    book.takeChanges();
    const name = this.#random().toString(36).slice(2);
    const state: SavedState = { version: 4, name, ...beside, book: book.snapshot() };
    const text = `${JSON.stringify(state)}\n`;
    this.#saved = { name, changes: 0, stateLength: text.length, changesLength: 0, ...heldBy(beside) };
    return text;
  }

  /** What has changed since the last text, to be added to what is saved; undefined where all must be saved. */
  change(beside: StateBesideBook, book: PriceBook): string | undefined {
    const saved = this.#saved;
    const changes = book.takeChanges();
    if (saved === undefined || changes === undefined) return undefined;
    const { receipts, unapplied, ...head } = beside;
    const held = heldBy(beside);
    const change = {
      follows: [saved.name, saved.changes + 1],
      ...head,
      book: filled(changes),
      ...filled({
        receipts: difference(saved.receipts, held.receipts),
        unapplied: difference(saved.unapplied, held.unapplied),
      }),
    };
    const text = `${JSON.stringify(change)}\n`;
    const changesLength = saved.changesLength + text.length;
    if (changesLength > Math.max(saved.stateLength, MANY)) return undefined;
    this.#saved = { ...saved, ...held, changes: saved.changes + 1, changesLength };
    return text;
  }

  /** The last text may not be saved, or half of it: the next one is all of the state. */
  startOver(): void {
    this.#saved = undefined;
  }
}

/** Undefined if it is no JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function withAll(
  { name: _, version: __, ...state }: SavedState,
  changes: readonly SavedChange[],
): ClientState {
  const last = changes.at(-1);
  if (last === undefined) return state;
  const { follows: ___, ...head } = last;
  const { receipts, unapplied } = heldBy(state);
  const book = withChanges(
    state.book,
    changes.map(change => change.book),
  );
  return {
    ...head,
    book,
    receipts: [...withChanged(receipts, changes, 'receipts').values()],
    unapplied: [...withChanged(unapplied, changes, 'unapplied').values()],
  };
}

function heldBy({ receipts, unapplied }: StateBesideBook): Pick<Saved, 'receipts' | 'unapplied'> {
  return {
    receipts: new Map(receipts.map(receipt => [receipt.id, receipt])),
    unapplied: new Map(unapplied.map(update => [update.id, update])),
  };
}

/** Entries don't change: one that does is another one. */
function difference<T>(before: ById<T>, now: ById<T>): Changed<T> {
  const gone = [...before.keys()].filter(id => !now.has(id));
  const fresh = [...now].filter(([id, entry]) => before.get(id) !== entry);
  return [...gone.map(id => [id, null] satisfies [string, null]), ...fresh];
}

/** Without the parts in which nothing changed. */
function filled<T extends object>(parts: T): Partial<T> {
  return Object.fromEntries(Object.entries(parts).filter(([, changes]) => changes.length > 0)) as Partial<T>;
}
