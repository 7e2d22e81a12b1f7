/**
 * The `current` table: by channel, what is or will be in force, for a store whose positions the log no longer reaches.
 * Its items are in current-items.ts.
 *
 * It is written after the posts: until then the log itself holds the update.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import { CURRENT_POSITION_INDEX, Environment } from '../../domain/names.ts';
import type { ChannelRun } from '../../domain/updates/catch-up-page.ts';
import type { Positions, Update, UpdateOf } from '../../domain/updates/update.ts';
import { clientOf } from '../aws/client-of.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { isExpired, Table, type TableOptions } from '../aws/table.ts';
import {
  NEWEST,
  newestPosition,
  OFFERS,
  offerEnd,
  reassemble,
  skuPrefix,
  statePart,
  subjectParts,
  superseded,
  versionOf,
} from './current-items.ts';

const READ_ITEMS = 1_000;
const WRITES_AT_ONCE = 16;
const DAY_MS = 86_400_000;

export function currentStateFromEnvironment(): CurrentState {
  return new CurrentState({ client: clientOf(DynamoDBClient), table: required(Environment.currentTable) });
}

export class CurrentState {
  readonly #parts: Table<typeof statePart>;
  readonly #newest: Table<typeof newestPosition>;
  readonly #offerEnds: Table<typeof offerEnd>;

  constructor(options: TableOptions) {
    this.#parts = new Table(options, statePart);
    this.#newest = new Table(options, newestPosition);
    this.#offerEnds = new Table(options, offerEnd);
  }

  /** Enters an update where it is newer than what is there; repeated or late, it changes nothing. */
  async record(update: Update, positions: Positions, now: number): Promise<void> {
    await Promise.all(
      Object.entries(positions).map(([channel, position]) => this.#noteNewest(channel, position)),
    );
    if (update.kind === 'offer.published') await this.#noteOfferEnd(update);
    const writes = Object.entries(positions).flatMap(([channel, position]) =>
      subjectParts(update).map(subject => ({ channel, position, ...subject })),
    );
    for (const together of chunks(writes, WRITES_AT_ONCE)) {
      await Promise.all(
        together.map(async ({ channel, position, subject, part }) => {
          await this.#putNewer(channel, subject, position, part);
          if (part.kind === 'price.changed') await this.#dropSuperseded(channel, subject, now);
        }),
      );
    }
  }

  /**
   * What is in force in a channel from positions past `position` and before `before`, in their order. The price parts
   * of one update are put together again.
   */
  async after(channel: string, position: number, before: number, now: number): Promise<ChannelRun> {
    const end = Math.max(before - 1, position);
    if (end === position) return { entries: [], hasMore: false, end };
    const keys = statePart.attributes;
    const [first, last] = [keys.position.value(position + 1), keys.position.value(end)];
    const { items, hasMore } = await this.#parts.page({
      index: CURRENT_POSITION_INDEX,
      where: expression`${keys.channel.is(channel)} AND ${keys.position} BETWEEN ${first} AND ${last}`,
      limit: READ_ITEMS,
    });
    const parts = items.map(item => statePart.decode(item));
    const alive = parts.filter(part => !isExpired(part, now));
    const entries = reassemble(channel, alive);
    const cut = parts.at(-1)?.position;
    if (!hasMore || cut === undefined) return { entries, hasMore, end };
    // The last update of a cut page may have more parts behind the cut. A page of one update alone is all of it: a
    // frame holds some 400 prices.
    const whole = entries.filter(entry => entry.position < cut);
    return whole.length > 0 ? { entries: whole, hasMore, end: cut - 1 } : { entries, hasMore, end: cut };
  }

  /** Whether any event of an offer has time left. */
  async isRunning(offerId: string, now: number): Promise<boolean> {
    const end = await this.#offerEnds.get({ channel: OFFERS, subject: offerId });
    return end !== undefined && !isExpired(end, now);
  }

  /** Newest position of every channel that was ever published to: for reports, a moment behind the log. */
  async newest(): Promise<Positions> {
    const newest: Positions = {};
    const { channel, position, subject } = newestPosition.attributes;
    const pages = this.#newest.query({ where: channel.is(NEWEST), isEventual: true });
    for await (const items of pages) for (const item of items) newest[subject.of(item)] = position.of(item);
    return newest;
  }

  async #noteNewest(channel: string, newest: number): Promise<void> {
    const { position } = newestPosition.attributes;
    await this.#newest.put(
      { channel: NEWEST, subject: channel, position: newest },
      expression`${newestPosition.isNew} OR ${position} < ${position.value(newest)}`,
    );
  }

  /** An entry per offer, whatever its channels, that lives until the last of its events is over. */
  async #noteOfferEnd({ data, validUntil }: UpdateOf<'offer.published'>): Promise<void> {
    const { expiresAt } = offerEnd.attributes;
    const end = Date.parse(validUntil);
    await this.#offerEnds.put(
      { channel: OFFERS, subject: data.offerId, expiresAt: end },
      expression`${offerEnd.isNew} OR ${expiresAt} < ${expiresAt.value(end)}`,
    );
  }

  async #putNewer(channel: string, subject: string, position: number, part: Update): Promise<void> {
    const expiresAt = await this.#expiryOf(channel, subject, part);
    const version = versionOf(part);
    const known = statePart.attributes.version;
    await this.#parts.put(
      { channel, subject, position, version, update: part, expiresAt },
      expression`${statePart.isNew} OR ${known} < ${known.value(version)}`,
    );
  }

  /**
   * An offer's entry outlives all of the offer's known events, so that an older event still finds itself replaced. A
   * price does not expire.
   */
  async #expiryOf(channel: string, subject: string, part: Update): Promise<number | undefined> {
    if (part.kind === 'price.changed') return undefined;
    const known = (await this.#parts.get({ channel, subject }))?.expiresAt;
    if (part.validUntil === null) return known;
    return Math.max(Date.parse(part.validUntil) + DAY_MS, known ?? 0);
  }

  /** Drops the prices of a SKU that a newer one in force has replaced. */
  async #dropSuperseded(channel: string, subject: string, now: number): Promise<void> {
    const keys = statePart.attributes;
    const prefix = keys.subject.value(skuPrefix(subject));
    const { items } = await this.#parts.page({
      where: expression`${keys.channel.is(channel)} AND begins_with(${keys.subject}, ${prefix})`,
    });
    const prices = items.map(item => statePart.decode(item));
    await Promise.all(
      superseded(prices, now).map(price =>
        // On condition that it is unchanged: a newer version of the same subject stays.
        this.#parts.delete(
          { channel, subject: price.subject },
          statePart.attributes.version.is(price.version),
        ),
      ),
    );
  }
}
