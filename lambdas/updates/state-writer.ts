/**
 * Writes the `current` table: an item for each channel and subject of an update. That may be a hundred thousand writes,
 * so whoever writes says from where on, and may stop after each batch. Repeated or late, a write changes nothing.
 */
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import { periodOnEarth } from '../../domain/retail/validity.ts';
import type { Positions, Update } from '../../domain/updates/update.ts';
import { PATIENT_ATTEMPTS } from '../aws/client-of.ts';
import { number } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { expression, literal } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import {
  keptUntil,
  NEWEST,
  newestPosition,
  OFFERS,
  offerEnd,
  offerSubject,
  priceKeyOf,
  type StatePart,
  statePart,
  subjectParts,
  versionOf,
  WITHDRAWN,
  withdrawnUpdate,
} from './current-items.ts';
import { CurrentState } from './current-state.ts';
import { type UpdateLog, updateLogFromEnvironment } from './update-log.ts';
import { type Prices, placesOf, pricesOf } from './withdrawal/price-places.ts';
import { endOf } from './withdrawal/replaced-prices.ts';
import { StatePrices } from './withdrawal/state-prices.ts';

const WRITES_AT_ONCE = 32;
const READS_AT_ONCE = 32;
const DAY_MS = 86_400_000;
/** Longer than an event may come late, so that an attempt to enter its prices finds that they are withdrawn. */
const WITHDRAWN_KEPT_MS = 61 * DAY_MS;

export interface StateWriterOptions extends TableOptions {
  /** What was published under the ids of withdrawn updates. */
  log: Pick<UpdateLog, 'find'>;
}

type Write = () => Promise<void>;

export function stateWriterFromEnvironment(): StateWriter {
  const client = dynamoDb(PATIENT_ATTEMPTS);
  return new StateWriter({
    client,
    table: required(Environment.currentTable),
    log: updateLogFromEnvironment(),
  });
}

export class StateWriter {
  readonly #parts: Table<typeof statePart>;
  readonly #newest: Table<typeof newestPosition>;
  readonly #offerEnds: Table<typeof offerEnd>;
  readonly #withdrawals: Table<typeof withdrawnUpdate>;
  readonly #state: CurrentState;
  readonly #prices: StatePrices;
  readonly #log: Pick<UpdateLog, 'find'>;

  constructor(options: StateWriterOptions) {
    this.#parts = new Table(options, statePart);
    this.#newest = new Table(options, newestPosition);
    this.#offerEnds = new Table(options, offerEnd);
    this.#withdrawals = new Table(options, withdrawnUpdate);
    this.#state = new CurrentState(options);
    this.#prices = new StatePrices(options);
    this.#log = options.log;
  }

  /**
   * Enters an update where it is newer than what is there.
   *
   * @param from the number of its first write that counts as not done
   * @returns after each batch, how many writes are done
   */
  async *record(update: Update, positions: Positions, now: number, from = 0): AsyncGenerator<number> {
    if (from === 0) await this.foresee(update);
    // In an order of its own: a map out of a table has any.
    const channels = Object.entries(positions).sort(([a], [b]) => (a < b ? -1 : 1));
    const writes: Write[] = [
      ...channels.map(
        ([channel, position]) =>
          () =>
            this.#noteNewest(channel, position),
      ),
      ...(update.kind === 'price.withdrawn'
        ? await this.#withdraw(update, now)
        : channels.flatMap(([channel, position]) => this.#entries(update, channel, position, now))),
    ];
    for (let done = from; done < writes.length; ) {
      const end = Math.min(writes.length, done + WRITES_AT_ONCE);
      await Promise.all(writes.slice(done, end).map(write => write()));
      done = end;
      yield done;
    }
    // Its withdrawal may have looked for its prices before they were entered.
    if (update.kind === 'price.changed' && (await this.#state.isWithdrawn(update.id)))
      for (const write of this.#takingOut([update], now)) await write();
  }

  /** The latest event of an offer in each channel that has one. */
  async offerParts(offerId: string): Promise<StatePart[]> {
    const end = await this.#offerEnds.get({ channel: OFFERS, subject: offerId });
    const subject = offerSubject(offerId);
    const parts: StatePart[] = [];
    for (const together of chunks(Object.keys(end?.channels ?? {}), READS_AT_ONCE)) {
      const found = await Promise.all(together.map(channel => this.#parts.get({ channel, subject })));
      parts.push(...found.filter(part => part !== undefined));
    }
    return parts;
  }

  #entries(update: Update, channel: string, position: number, now: number): Write[] {
    return subjectParts(update).map(
      ({ part, subject }) =>
        () =>
          this.#enter(channel, position, subject, part, now),
    );
  }

  async #enter(channel: string, position: number, subject: string, part: Update, now: number): Promise<void> {
    const isOffer = part.kind === 'offer.published' || part.kind === 'offer.withdrawn';
    // Before the entry: whoever moves the offer's end from now on finds this channel, and the entry sees every earlier end.
    if (isOffer) await this.#noteChannel(part.data.offerId, channel);
    await this.#putNewer(channel, subject, position, part);
    if (isOffer) await this.#outliveOffer(part.data.offerId, [channel]);
    else if (part.kind === 'price.changed')
      await this.#prices.settle({ channel, key: priceKeyOf(subject), now, own: part.id });
  }

  async #noteNewest(channel: string, newest: number): Promise<void> {
    const { position } = newestPosition.attributes;
    await this.#newest.put(
      { channel: NEWEST, subject: channel, position: newest },
      expression`${newestPosition.isNew} OR ${position} < ${position.value(newest)}`,
    );
  }

  /**
   * Notes until when an offer runs: as long as any of its events does, stores are told of those that are over. A rollout of
   * one is noted before its first wave.
   */
  async foresee(update: Update): Promise<void> {
    if (update.kind !== 'offer.published') return;
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
    const end = part.kind === 'price.changed' ? endOf(part) : keptUntil(part) + DAY_MS;
    const expiresAt = Number.isFinite(end) ? end : undefined;
    await this.#parts.put(
      { channel, subject, position, version, update: part, expiresAt },
      expression`${statePart.isNew} OR ${known} < ${known.value(version)}`,
    );
  }

  /** What these updates had replaced holds again. */
  async #withdraw({ data, id }: Update & { kind: 'price.withdrawn' }, now: number): Promise<Write[]> {
    // Before their prices are taken out: whoever enters some afterwards finds it.
    await Promise.all(
      data.updates.map(subject =>
        this.#withdrawals.put({
          channel: WITHDRAWN,
          subject,
          withdrawnBy: id,
          expiresAt: now + WITHDRAWN_KEPT_MS,
        }),
      ),
    );
    return this.#takingOut(await pricesOf(data.updates, this.#log), now, data.skus);
  }

  #takingOut(updates: readonly Prices[], now: number, skus?: readonly string[]): Write[] {
    const gone = new Set(updates.map(({ id }) => id));
    return placesOf(updates, skus).map(
      ({ channel, key }) =>
        () =>
          this.#prices.settle({ channel, key, now, gone }),
    );
  }
}
