/**
 * Appends updates to the logs of their channels. A position is claimed by a conditional write on the next number, so a
 * log has no gaps. The update's item by id makes this idempotent: it notes each channel's newest position before the
 * first attempt, and every attempt walks up from there and stops at its own id.
 */
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import { audienceChannels } from '../../domain/updates/channels.ts';
import { ConflictingEventError } from '../../domain/updates/published-events.ts';
import type { Positions, Update } from '../../domain/updates/update.ts';
import { PATIENT_ATTEMPTS } from '../aws/client-of.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { type Expression, expression, join } from '../aws/expression.ts';
import { type Beginning, beginWork, type Lease, type leased } from '../aws/lease.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { UpdateIds } from './update-ids.ts';
import {
  hourStart,
  hoursOf,
  type KnownPublication,
  logEntry,
  publication,
  publicationKey,
  type WithdrawalRest,
} from './update-items.ts';
import { UpdateLog } from './update-log.ts';

/** An update on its way into the log. */
export interface UpdateWork {
  update: Update;
  /** Newest position of each of its channels before the first attempt. */
  newestBefore: Positions;
  /** Milliseconds since the epoch: its first attempt. */
  begunAt: number;
  /** An earlier attempt has it in all of its channels, and may have posted it. */
  isAppended: boolean;
  lease: Lease;
}

/** An update as it goes out, and what is left to another. */
export interface Completed {
  update: Update;
  rest?: WithdrawalRest;
}

/** What only an update's place in the log decides of its content. @param begunAt milliseconds since the epoch */
export type Completion = (update: Update, begunAt: number) => Promise<Completed>;

type Publication = Omit<KnownPublication, keyof typeof leased>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLAIMS_AT_ONCE = 16;
/** With the rest of its entry an update of so many bytes takes one write unit of 1 KB. */
const SMALL_BYTES = 640;
/** An entry outlasts the log's reach by more than a store takes from the last page of the state to the first of the log. */
const LINGER_MS = 600_000;
/** Channels whose hour is known to be noted: it is cheap to note it again. */
const MOST_NOTED = 10_000;

export function logWriterFromEnvironment(): LogWriter {
  return new LogWriter({
    client: dynamoDb(PATIENT_ATTEMPTS),
    table: required(Environment.updatesTable),
    retentionDays: requiredNumber(Environment.retentionDays),
  });
}

export class LogWriter {
  readonly #log: UpdateLog;
  readonly #ids: UpdateIds;
  readonly #entries: Table<typeof logEntry>;
  readonly #publications: Table<typeof publication>;
  readonly #hours: Table<typeof hourStart>;
  readonly #retentionMs: number;
  readonly #notedHours = new Map<string, number>();

  constructor(options: TableOptions & { retentionDays: number }) {
    this.#log = new UpdateLog(options);
    this.#ids = new UpdateIds(options);
    this.#entries = new Table(options, logEntry);
    this.#publications = new Table(options, publication);
    this.#hours = new Table(options, hourStart);
    this.#retentionMs = options.retentionDays * DAY_MS;
  }

  /**
   * Takes up an update: the first time as it is given, a repeated time as it was first published.
   *
   * @param holder the invocation's request id
   * @throws ConflictingEventError if its id stands for other content
   */
  async begin(given: Update, holder: string, now: number): Promise<Beginning<{ work: UpdateWork }>> {
    const key = publicationKey(given.id);
    const [newestBefore, isOwn] = await Promise.all([
      this.#log.newest(audienceChannels(given.audience)),
      this.#ids.take(given, now),
    ]);
    if (!isOwn) throw new ConflictingEventError(given.id);
    const expiresAt = this.#ids.knownUntil(given, now);
    const own: Publication = { ...key, update: given, newestBefore, begunAt: now, expiresAt };
    const beginning = await beginWork(this.#publications, key, own, holder, now);
    if (beginning.status !== 'begun') return beginning;
    const { item, lease } = beginning;
    return {
      status: 'begun',
      work: {
        update: item.update,
        newestBefore: item.newestBefore,
        begunAt: item.begunAt ?? now,
        isAppended: item.positions !== undefined,
        lease,
      },
    };
  }

  /**
   * Appends the update to its channels; a repeated attempt finds what an earlier one claimed.
   *
   * @param complete is asked once it has its place in each of them, and before any store gets it
   * @returns the update as it is completed
   */
  async append(
    { begunAt, isAppended, newestBefore, update }: UpdateWork,
    now: number,
    complete: Completion = async given => ({ update: given }),
  ): Promise<{ update: Update; positions: Positions }> {
    const channels = Object.keys(newestBefore);
    const positions: Positions = {};
    for (const together of chunks(channels, CLAIMS_AT_ONCE)) {
      await Promise.all(
        together.map(async channel => {
          const before = newestBefore[channel] ?? 0;
          // Before it has an entry: whoever finds no hour noted takes all entries for old ones, which are in the state.
          await this.#noteHour(channel, before + 1, now);
          positions[channel] = await this.#claim(update, channel, before, channels.length === 1, now);
        }),
      );
    }
    const completed: Completed = isAppended ? { update } : await complete(update, begunAt);
    // From now on it is complete: in all of its channels at once.
    const { positions: claimed, rest, update: content } = publication.attributes;
    const changes = [
      claimed.is(positions),
      ...(completed.update === update ? [] : [content.is(completed.update)]),
      ...(completed.rest === undefined ? [] : [rest.is(completed.rest)]),
    ];
    await this.#publications.update(
      publicationKey(update.id),
      expression`SET ${join(changes, ', ')}`,
      publication.exists,
    );
    for (const together of chunks(Object.entries(positions), CLAIMS_AT_ONCE)) {
      await Promise.all(together.map(([channel, position]) => this.#letExpire(channel, position - 1, now)));
    }
    return { update: completed.update, positions };
  }

  /** Puts the update on the next free position, or finds the one that an earlier attempt put it on. */
  async #claim(
    update: Update,
    channel: string,
    newestBefore: number,
    isAlone: boolean,
    now: number,
  ): Promise<number> {
    const { appendedAt, positions, update: content, updateId } = logEntry.attributes;
    const bare: Update = { ...update, audience: undefined };
    // A withdrawal is completed after this: until then its entry tells nobody that it is whole.
    const isWhole = update.kind !== 'price.withdrawn';
    const isSmall = isWhole && Buffer.byteLength(JSON.stringify(bare)) <= SMALL_BYTES;
    // The write that finds its own entry again leaves it as it is.
    const isFree = expression`${logEntry.isNew} OR ${updateId.is(update.id)}`;
    for (let position = newestBefore + 1; ; position += 1) {
      const values: Expression[] = [
        updateId.is(update.id),
        expression`${appendedAt} = if_not_exists(${appendedAt}, ${appendedAt.value(now)})`,
        ...(isSmall ? [content.is(bare)] : []),
        ...(isWhole && isAlone ? [positions.is({ [channel]: position })] : []),
      ];
      const change = expression`SET ${join(values, ', ')}`;
      if (await this.#entries.update({ channel, position }, change, isFree)) return position;
    }
  }

  /** An entry expires only once it has a successor: the newest stays, so numbering never restarts. */
  async #letExpire(channel: string, position: number, now: number): Promise<void> {
    if (position < 1) return;
    const { expiresAt } = logEntry.attributes;
    const expiry = expiresAt.value(this.#reachOf(now) + LINGER_MS);
    const change = expression`SET ${expiresAt} = if_not_exists(${expiresAt}, ${expiry})`;
    await this.#entries.update({ channel, position }, change, logEntry.exists);
  }

  /** Where the log begins is looked up by the hour: a search would read it. */
  async #noteHour(channel: string, first: number, now: number): Promise<void> {
    const position = hourOf(now);
    if (this.#notedHours.get(channel) === position) return;
    await this.#hours.insert({ channel: hoursOf(channel), position, first, expiresAt: this.#reachOf(now) });
    if (this.#notedHours.size >= MOST_NOTED) this.#notedHours.clear();
    this.#notedHours.set(channel, position);
  }

  /** Until when the log reaches back to this moment's hour. */
  #reachOf(now: number): number {
    return (hourOf(now) + 1) * HOUR_MS + this.#retentionMs;
  }
}

function hourOf(now: number): number {
  return Math.floor(now / HOUR_MS);
}
