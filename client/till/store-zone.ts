/** The store's time zone: as the chain tells it on the line, else as the token says. */
import * as v from 'valibot';
import { TimeZone } from '../../domain/retail/local-time.ts';
import { claimsOf } from '../line/token-claims.ts';

const Claims = v.object({ timeZone: v.optional(TimeZone) });

export interface SavedZone {
  timeZone?: string;
  /** The chain has told it: then no token says otherwise. */
  timeZoneTold?: boolean;
}

export class StoreZone {
  readonly #changed: (timeZone: string) => void;
  readonly #failed: (error: unknown) => void;
  #timeZone: string | undefined;
  #token = '';
  /** What the chain has told last, known here or not; undefined for a chain that tells none. */
  #told: string | undefined;

  constructor(options: { changed: (timeZone: string) => void; failed: (error: unknown) => void }) {
    this.#changed = options.changed;
    this.#failed = options.failed;
  }

  /** A token is presented. */
  present(token: string): void {
    this.#token = token;
    if (this.#told !== undefined) return;
    try {
      const timeZone = timeZoneIn(token);
      if (timeZone !== undefined) this.#take(timeZone);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The chain has answered. @param timeZone undefined from a chain that tells none */
  tell(timeZone: string | undefined): void {
    if (timeZone === this.#told) return;
    this.#told = timeZone;
    if (timeZone === undefined) this.present(this.#token);
    else if (v.is(TimeZone, timeZone)) this.#take(timeZone);
    else this.#failed(new Error(`the store's time zone ${timeZone} is none that this runtime knows`));
  }

  snapshot(): SavedZone {
    if (this.#timeZone === undefined) return {};
    const isTold = this.#told === this.#timeZone;
    return { timeZone: this.#timeZone, ...(isTold && { timeZoneTold: true }) };
  }

  /** What was said since then is newer; a token that was presented is so only where the chain had told nothing. */
  restore({ timeZone, timeZoneTold = false }: SavedZone): void {
    if (timeZone === undefined || this.#told !== undefined) return;
    if (timeZoneTold) this.#told = timeZone;
    else if (this.#timeZone !== undefined) return;
    this.#take(timeZone);
  }

  #take(timeZone: string): void {
    if (timeZone === this.#timeZone) return;
    this.#timeZone = timeZone;
    this.#changed(timeZone);
  }
}

/**
 * @returns undefined if the token names none, or is no JWT
 * @throws Error if it names one that this runtime doesn't know
 */
function timeZoneIn(token: string): string | undefined {
  let claims: unknown;
  try {
    claims = claimsOf(token);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(Claims, claims);
  if (parsed.success) return parsed.output.timeZone;
  throw new Error(
    'the time zone of the store’s token is none that this runtime knows: local times are taken as UTC',
  );
}
