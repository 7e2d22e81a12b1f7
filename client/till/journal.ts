/**
 * The saved state as text: a line of JSON with all of it, and one more for each time that something changed. It is
 * written anew once the changes outgrow it, so that in the long run a change costs a few times its own length.
 */
import { withChanges } from '../../domain/book/book-changes.ts';
import { withChanged } from '../../domain/book/tracked-map.ts';
import { UnreadableStateError } from '../storage/storage.ts';
import {
  type ClientState,
  readChange,
  readState,
  type StateChanges,
  type StateHead,
  type StateParts,
} from './state.ts';

/** What the next change follows; lengths in UTF-16 units. */
interface Saved {
  name: string;
  changes: number;
  stateLength: number;
  changesLength: number;
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
    const { name, version: _, ...state } = readState(value);
    const cutOff = lines.pop();
    const values = lines.map(parsed);
    // A power cut may leave the last line with its end, and a hole in it.
    if (values.at(-1) === undefined) values.pop();
    const changes = values.map(readChange);
    for (const [index, { follows }] of changes.entries())
      if (follows[0] !== name || follows[1] !== index + 1)
        throw new UnreadableStateError(`line ${index + 2} of the saved state doesn't follow the one before`);
    const isWhole = cutOff === '' && changes.length === lines.length;
    const [stateLength, changesLength] = [first.length, text.length - first.length];
    this.#saved =
      isWhole && name !== undefined
        ? { name, changes: changes.length, stateLength, changesLength }
        : undefined;
    const { follows: __, ...last } = changes.at(-1) ?? { ...state, follows: undefined };
    return {
      ...last,
      book: withChanges(
        state.book,
        changes.map(({ book }) => book),
      ),
      receipts: withChanged(
        state.receipts,
        changes.map(({ receipts }) => receipts),
        ({ id }) => id,
      ),
      unapplied: withChanged(
        state.unapplied,
        changes.map(({ unapplied }) => unapplied),
        ({ id }) => id,
      ),
    };
  }

  /** All of the state, to be saved in place of everything. */
  state(head: StateHead, parts: StateParts): string {
    const name = this.#random().toString(36).slice(2);
    const text = `${JSON.stringify({ version: 4, name, ...head, ...parts })}\n`;
    this.#saved = { name, changes: 0, stateLength: text.length, changesLength: 0 };
    return text;
  }

  /** What has changed since the last text, to be added to what is saved; undefined where all must be saved. */
  change(head: StateHead, changes: StateChanges): string | undefined {
    if (this.#saved === undefined) return undefined;
    const { name, stateLength } = this.#saved;
    const number = this.#saved.changes + 1;
    const text = `${JSON.stringify({ follows: [name, number], ...head, ...changes })}\n`;
    const changesLength = this.#saved.changesLength + text.length;
    if (changesLength > Math.max(stateLength, MANY)) return undefined;
    this.#saved = { name, changes: number, stateLength, changesLength };
    return text;
  }

  /** The last text may not be saved, or half of it: the next one is all of the state. */
  startOver(): void {
    this.#saved = undefined;
  }
}

/** @returns undefined if it is no JSON */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
