/**
 * Keeps the prices of one SKU, currency and type in one channel of the state as they are to stand. Many may write at once:
 * each goes on until it reads what needs no change, or what it has hidden itself alone, so the last one leaves it right.
 */
import { expression } from '../../aws/expression.ts';
import { Table, type TableOptions } from '../../aws/table.ts';
import { statePart } from '../current-items.ts';
import { CurrentState } from '../current-state.ts';
import { type Standing, standings } from './replaced-prices.ts';

const MOST_ATTEMPTS = 10;
const NONE: ReadonlySet<string> = new Set();

export interface Settling {
  channel: string;
  /** SKU, currency and type. */
  key: string;
  now: number;
  /** The update that is being entered. */
  own?: string;
  /** Updates that are withdrawn: their prices go. */
  gone?: ReadonlySet<string>;
}

export class StatePrices {
  readonly #parts: Table<typeof statePart>;
  readonly #state: CurrentState;

  constructor(options: TableOptions) {
    this.#parts = new Table(options, statePart);
    this.#state = new CurrentState(options);
  }

  /** @throws Error if others never cease to change them */
  async settle({ channel, key, now, own, gone = NONE }: Settling): Promise<void> {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const prices = await this.#state.prices(channel, key, now);
      const withdrawn = prices.filter(({ update }) => gone.has(update.id));
      const changes = standings(
        prices.filter(price => !withdrawn.includes(price)),
        now,
      ).filter(isNew);
      await Promise.all([
        ...withdrawn.map(({ subject }) => this.#parts.delete({ channel, subject })),
        ...changes.map(change => this.#write(channel, change)),
      ]);
      const isOwn = changes.every(({ by }) => by !== undefined && by.update.id === own);
      if (withdrawn.length === 0 && isOwn) return;
    }
    throw new Error(`the prices of ${key} in ${channel} do not settle`);
  }

  /** On condition that it is unchanged: a newer version of the same subject stays. */
  async #write(channel: string, { expiresAt, isHidden, part }: Standing): Promise<void> {
    const { position, hiddenPosition, expiresAt: expiry, version } = statePart.attributes;
    const place = part.position ?? part.hiddenPosition ?? 0;
    const [held, other] = isHidden ? [hiddenPosition, position] : [position, hiddenPosition];
    const change =
      expiresAt === undefined
        ? expression`SET ${held.is(place)} REMOVE ${other}, ${expiry}`
        : expression`SET ${held.is(place)}, ${expiry.is(expiresAt)} REMOVE ${other}`;
    await this.#parts.update({ channel, subject: part.subject }, change, version.is(part.version));
  }
}

function isNew({ expiresAt, isHidden, part }: Standing): boolean {
  return isHidden !== (part.position === undefined) || expiresAt !== part.expiresAt;
}
