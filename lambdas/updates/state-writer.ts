/**
 * Writes the `current` table: an item for each channel and subject of an update. That may be a hundred thousand writes,
 * so whoever writes says from where on, and may stop after each batch. Repeated or late, a write changes nothing.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import { periodOnEarth } from '../../domain/retail/validity.ts';
import type { Positions, Update } from '../../domain/updates/update.ts';
import { clientOf, PATIENT_ATTEMPTS } from '../aws/client-of.ts';
import { number } from '../aws/codecs.ts';
import { required } from '../aws/environment.ts';
import { expression, literal } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import {
  NEWEST,
  newestPosition,
  OFFERS,
  offerEnd,
  offerSubject,
  priceKeyOf,
  statePart,
  subjectParts,
  superseded,
  versionOf,
  WITHDRAWABLE_DAYS,
  WITHDRAWN,
  withdrawnUpdate,
} from './current-items.ts';
import { CurrentState } from './current-state.ts';

const WRITES_AT_ONCE = 32;
const DAY_MS = 86_400_000;
/** A replaced price stays so long for a withdrawal of what replaced it, and a day more than that can be asked for. */
const KEPT_REPLACED_MS = (WITHDRAWABLE_DAYS + 1) * DAY_MS;

export function stateWriterFromEnvironment(): StateWriter {
  const client = clientOf(DynamoDBClient, PATIENT_ATTEMPTS);
  return new StateWriter({ client, table: required(Environment.currentTable) });
}

export class StateWriter {
  readonly #parts: Table<typeof statePart>;
  readonly #newest: Table<typeof newestPosition>;
  readonly #offerEnds: Table<typeof offerEnd>;
  readonly #withdrawals: Table<typeof withdrawnUpdate>;
  readonly #state: CurrentState;

  constructor(options: TableOptions) {
    this.#parts = new Table(options, statePart);
    this.#newest = new Table(options, newestPosition);
    this.#offerEnds = new Table(options, offerEnd);
    this.#withdrawals = new Table(options, withdrawnUpdate);
    this.#state = new CurrentState(options);
  }

  /**
   * Enters an update where it is newer than what is there.
   *
   * @param from the number of its first write that counts as not done
   * @returns after each batch, how many writes are done
   */
  async *record(update: Update, positions: Positions, now: number, from = 0): AsyncGenerator<number> {
    if (from === 0 && update.kind === 'offer.published') await this.#noteOfferEnd(update);
    if (update.kind === 'price.withdrawn') await this.#withdraw(update);
    // In an order of its own: a map out of a table has any.
    const channels = Object.entries(positions).sort(([a], [b]) => (a < b ? -1 : 1));
    const parts = subjectParts(update);
    const perChannel = parts.length + 1;
    const count = channels.length * perChannel;
    for (let done = from; done < count; ) {
      const end = Math.min(count, done + WRITES_AT_ONCE);
      const numbers = Array.from({ length: end - done }, (_, index) => done + index);
      await Promise.all(
        numbers.map(async number => {
          const [channel, position] = channels[Math.floor(number / perChannel)] ?? ['', 0];
          const part = parts[(number % perChannel) - 1];
          if (part === undefined) await this.#noteNewest(channel, position);
          else await this.#enter(channel, position, part, now);
        }),
      );
      done = end;
      yield done;
    }
  }

  async #enter(
    channel: string,
    position: number,
    { part, subject }: ReturnType<typeof subjectParts>[number],
    now: number,
  ): Promise<void> {
    const isOffer = part.kind === 'offer.published' || part.kind === 'offer.withdrawn';
    // Before the entry: whoever moves the offer's end from now on finds this channel, and the entry sees every earlier end.
    if (isOffer) await this.#noteChannel(part.data.offerId, channel);
    await this.#putNewer(channel, subject, position, part);
    if (isOffer) await this.#outliveOffer(part.data.offerId, [channel]);
    else await this.#dropSuperseded(channel, subject, now);
  }

  async #noteNewest(channel: string, newest: number): Promise<void> {
    const { position } = newestPosition.attributes;
    await this.#newest.put(
      { channel: NEWEST, subject: channel, position: newest },
      expression`${newestPosition.isNew} OR ${position} < ${position.value(newest)}`,
    );
  }

  /** An entry per offer, whatever its channels, that lives until the last of its events is over. */
  async #noteOfferEnd(update: Update & { kind: 'offer.published' }): Promise<void> {
    const { channels, expiresAt } = offerEnd.attributes;
    const { offerId } = update.data;
    const end = periodOnEarth(update).until;
    const isLater = await this.#offerEnds.update(
      { channel: OFFERS, subject: offerId },
      expression`SET ${expiresAt.is(end)}, ${channels} = if_not_exists(${channels}, ${channels.value({})})`,
      expression`${offerEnd.isNew} OR ${expiresAt} < ${expiresAt.value(end)}`,
    );
    if (isLater) await this.#outliveOffer(offerId);
  }

  /** Where nobody knows of an end there is none to outlive. */
  async #noteChannel(offerId: string, channel: string): Promise<void> {
    const { channels } = offerEnd.attributes;
    await this.#offerEnds.update(
      { channel: OFFERS, subject: offerId },
      expression`SET ${channels.at(channel)} = ${literal(number, 1)}`,
      offerEnd.exists,
    );
  }

  /**
   * The entries of an offer outlive all of its events, in whatever channels these are: an older one that goes on still
   * finds itself replaced.
   *
   * @param only these channels @default all that have an entry
   */
  async #outliveOffer(offerId: string, only?: readonly string[]): Promise<void> {
    const end = await this.#offerEnds.get({ channel: OFFERS, subject: offerId });
    if (end === undefined) return;
    const { expiresAt } = statePart.attributes;
    const until = expiresAt.value(end.expiresAt + DAY_MS);
    await Promise.all(
      (only ?? Object.keys(end.channels)).map(channel =>
        this.#parts.update(
          { channel, subject: offerSubject(offerId) },
          expression`SET ${expiresAt} = ${until}`,
          expression`${statePart.exists} AND (attribute_not_exists(${expiresAt}) OR ${expiresAt} < ${until})`,
        ),
      ),
    );
  }

  async #putNewer(channel: string, subject: string, position: number, part: Update): Promise<void> {
    const version = versionOf(part);
    const known = statePart.attributes.version;
    const { until } = periodOnEarth(part);
    const expiresAt = Number.isFinite(until) ? until + DAY_MS : undefined;
    await this.#parts.put(
      { channel, subject, position, version, update: part, expiresAt },
      expression`${statePart.isNew} OR ${known} < ${known.value(version)}`,
    );
  }

  /** Hides the prices of a SKU, currency and type that a newer one in force has replaced; those that were withdrawn go. */
  async #dropSuperseded(channel: string, subject: string, now: number): Promise<void> {
    const { expiresAt, supersededBy, version } = statePart.attributes;
    const [prices, withdrawn] = await Promise.all([
      this.#state.prices(channel, priceKeyOf(subject)),
      this.#state.withdrawn(),
    ]);
    const gone = prices.filter(({ update }) => withdrawn.has(update.id));
    const counting = prices.filter(({ update }) => !withdrawn.has(update.id));
    const replaced = superseded(counting, now).filter(
      ({ price }) => price.supersededBy === undefined || withdrawn.has(price.supersededBy),
    );
    await Promise.all([
      ...gone.map(price => this.#parts.delete({ channel, subject: price.subject })),
      ...replaced.map(({ price, by }) => {
        const from = Math.max(now, periodOnEarth(by.update).from);
        const end = Math.min(price.expiresAt ?? Number.POSITIVE_INFINITY, from + KEPT_REPLACED_MS);
        return this.#parts.update(
          { channel, subject: price.subject },
          expression`SET ${supersededBy.is(by.update.id)}, ${expiresAt.is(end)}`,
          version.is(price.version),
        );
      }),
    ]);
  }

  /** What these updates had replaced holds again. */
  async #withdraw({ data, id }: Update & { kind: 'price.withdrawn' }): Promise<void> {
    for (const subject of data.updates)
      await this.#withdrawals.put({ channel: WITHDRAWN, subject, withdrawnBy: id });
    for (const { channels, prices, updateId, ...common } of data.restored) {
      const update = {
        id: updateId,
        kind: 'price.changed',
        audience: undefined,
        data: { prices },
        ...common,
      };
      const parts = subjectParts(update as Update);
      for (const channel of channels)
        for (const { subject, part } of parts) await this.#restore(channel, subject, part, data.updates);
    }
  }

  async #restore(
    channel: string,
    subject: string,
    part: Update,
    withdrawn: readonly string[],
  ): Promise<void> {
    const known = await this.#parts.get({ channel, subject });
    if (known?.supersededBy === undefined || !withdrawn.includes(known.supersededBy)) return;
    const { expiresAt, supersededBy } = statePart.attributes;
    const { until } = periodOnEarth(part);
    const lasting = Number.isFinite(until)
      ? expression`SET ${expiresAt.is(until + DAY_MS)} REMOVE ${supersededBy}`
      : expression`REMOVE ${supersededBy}, ${expiresAt}`;
    await this.#parts.update({ channel, subject }, lasting, supersededBy.is(known.supersededBy));
  }
}
