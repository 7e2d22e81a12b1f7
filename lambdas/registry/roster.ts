/**
 * The `stores` table: every store that was ever on the line, and every one that is revoked. Its items are in
 * store-items.ts.
 */
import type { StoreIdentity } from '../../domain/identity/identity.ts';
import { Environment } from '../../domain/names.ts';
import type { PlacementChange } from '../../domain/protocol/http-bodies.ts';
import { isSamePlace, ownPositions } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { type Expression, expression, join } from '../aws/expression.ts';
import { type Beside, type ReadOptions, type Segment, Table, type TableOptions } from '../aws/table.ts';
import { placed, placedAttributes, placementExpression } from './placement.ts';
import { RosterList } from './roster-list.ts';
import { type Drift, type RosterStore, type StoreItem, store, toStore } from './store-items.ts';
import { partOf } from './store-parts.ts';

/** The store is revoked, or was after the token of this line was signed: nothing that comes on it counts. */
export class RevokedError extends Error {
  override readonly name = 'RevokedError';
}

/** A store, and when the token that it came by was signed. */
type TokenBearer = Omit<StoreIdentity, 'role'>;

const keys = store.attributes;
const { firstSeenAt, groups, lastRevokedAt, lastSeenAt, positions, region, revokedAt, timeZone, wentOffAt } =
  keys;
const driftAttributes = [keys.adriftBook, keys.expectedBook, keys.adriftSince, keys.isAdrift];
const isSeen = expression`attribute_exists(${firstSeenAt})`;
const isRevoked = expression`attribute_exists(${revokedAt})`;
const wasNeverRevoked = expression`attribute_not_exists(${lastRevokedAt})`;

/** That the store is not revoked, and was not since its token was signed. */
function takesToken({ signedAt = 0 }: TokenBearer): Expression {
  const isNewer = expression`${lastRevokedAt} < ${lastRevokedAt.value(signedAt)}`;
  return expression`attribute_not_exists(${revokedAt}) AND (${wasNeverRevoked} OR ${isNewer})`;
}

function holds(known: StoreItem | undefined, { signedAt = 0 }: TokenBearer): boolean {
  return known?.revokedAt === undefined && (known?.lastRevokedAt ?? -1) < signedAt;
}

/** Of a store that says nothing new so much is not known: when exactly it was last heard. */
const HEARD_AGAIN_MS = 5 * 60_000;

/** What a store says of itself. */
export interface Standing {
  positions?: Positions | undefined;
  /** The hash of its book. */
  book?: string | undefined;
}

function isNews(known: StoreItem, heard: TokenBearer, now: number, { book, positions }: Standing): boolean {
  return (
    known.firstSeenAt === undefined ||
    known.part === undefined ||
    now >= (known.lastSeenAt ?? 0) + HEARD_AGAIN_MS ||
    known.region !== heard.region ||
    known.timeZone !== heard.timeZone ||
    known.groups?.join() !== heard.groups.join() ||
    (book !== undefined && known.book !== book) ||
    (positions !== undefined && !isSamePlace(known.positions ?? {}, positions))
  );
}

/** The attributes that hold a window's number and what was drawn in it. */
const counts = {
  units: { window: keys.unitWindow, drawn: keys.unitsDrawn },
  handshakes: { window: keys.handshakeWindow, drawn: keys.handshakesDrawn },
  takeovers: { window: keys.takeoverHour, drawn: keys.takeoversDrawn },
};

export function rosterFromEnvironment(): Roster {
  return new Roster({ client: dynamoDb(), table: required(Environment.storesTable) });
}

export class Roster {
  /** Its stores in the order of their ids. */
  readonly list: RosterList;
  readonly #table: Table<typeof store>;

  constructor(options: TableOptions) {
    this.list = new RosterList(options);
    this.#table = new Table(options, store);
  }

  /**
   * Notes that a store was heard, and what it says of itself: where something changed, and every five minutes.
   * Channels not its own are ignored.
   *
   * @param heard as its token says
   * @param beside is read by the same request
   * @returns it as the chain has placed it
   * @throws RevokedError instead, for a revoked store or a token from before its revocation: the write is conditional,
   * so that no revocation can come in between
   */
  async heard<B extends TokenBearer>(
    heard: B,
    now: number,
    { book, positions }: Standing = {},
    beside?: Beside,
  ) {
    const key = { storeId: heard.storeId };
    const known = await (beside ? this.#table.getBeside(key, beside) : this.#table.get(key));
    const where = placed(known, heard);
    const stands = { book, positions: positions && ownPositions(where, positions) };
    // A revoked one is left to the condition of the write.
    if (known === undefined || known.lastRevokedAt !== undefined || isNews(known, heard, now, stands))
      await this.#note(heard, now, stands);
    return { ...where, isAdrift: known?.isAdrift === true };
  }

  async #note(heard: TokenBearer, now: number, stands: Standing): Promise<void> {
    const sets = [
      lastSeenAt.is(now),
      keys.part.is(partOf(heard.storeId)),
      expression`${firstSeenAt} = if_not_exists(${firstSeenAt}, ${firstSeenAt.value(now)})`,
      groups.is(heard.groups),
      ...(heard.region === undefined ? [] : [region.is(heard.region)]),
      ...(heard.timeZone === undefined ? [] : [timeZone.is(heard.timeZone)]),
      ...(stands.positions === undefined ? [] : [positions.is(stands.positions)]),
      ...(stands.book === undefined ? [] : [keys.book.is(stands.book)]),
    ];
    const set = expression`SET ${join(sets, ', ')}`;
    // The hash is of the book at the positions that it came with.
    const isBookOld = stands.positions !== undefined && stands.book === undefined;
    const untold = [
      heard.region === undefined && region,
      heard.timeZone === undefined && timeZone,
      isBookOld && keys.book,
    ];
    const removes = untold.flatMap(attribute => (attribute ? [expression`${attribute}`] : []));
    const change = removes.length === 0 ? set : expression`${set} REMOVE ${join(removes, ', ')}`;
    const { storeId } = heard;
    const isHeard = await this.#table.update({ storeId }, change, takesToken(heard));
    if (!isHeard) throw new RevokedError(`store ${storeId} is revoked`);
  }

  /** Notes that a store's line closed; one that was retired meanwhile stays off. */
  async wentOff(storeId: string, now: number): Promise<void> {
    await this.#table.update({ storeId }, expression`SET ${wentOffAt.is(now)}`, isSeen);
  }

  /**
   * Draws the right to `count` more in a window of time, which is identified by its number.
   *
   * @returns false if they would be more than `limit`
   */
  async draw(
    of: keyof typeof counts,
    storeId: string,
    windowNumber: number,
    count: number,
    limit: number,
  ): Promise<boolean> {
    const { drawn, window } = counts[of];
    const hasRoom = await this.#table.update(
      { storeId },
      expression`SET ${drawn} = ${drawn} + ${drawn.value(count)}`,
      expression`${window.is(windowNumber)} AND ${drawn} <= ${drawn.value(limit - count)}`,
    );
    if (hasRoom) return true;
    return this.#table.update(
      { storeId },
      expression`SET ${window.is(windowNumber)}, ${drawn.is(count)}`,
      expression`attribute_not_exists(${window}) OR ${window} < ${window.value(windowNumber)}`,
    );
  }

  /** Leaves nothing to draw up to and including this window: more than it allows was used already. */
  async exhaust(
    of: keyof typeof counts,
    storeId: string,
    windowNumber: number,
    limit: number,
  ): Promise<void> {
    const { drawn, window } = counts[of];
    await this.#table.update(
      { storeId },
      expression`SET ${window.is(windowNumber)}, ${drawn.is(limit)}`,
      expression`attribute_not_exists(${window}) OR ${window} <= ${window.value(windowNumber)}`,
    );
  }

  async find(storeId: string): Promise<RosterStore | undefined> {
    const item = await this.#table.getItem({ storeId });
    return item && toStore(item);
  }

  /** Those of these stores that there are, page by page, in no order. */
  async *findEach(storeIds: readonly string[], options?: ReadOptions): AsyncGenerator<RosterStore[]> {
    const wanted = [...new Set(storeIds)].map(storeId => ({ storeId }));
    for await (const items of this.#table.batchGet(wanted, options))
      yield items.flatMap(item => toStore(item) ?? []);
  }

  /** All that is known of every store, page by page. @param segment which of how many the table is read in */
  async *all(segment?: Segment): AsyncGenerator<RosterStore[]> {
    for await (const items of this.#table.scan(segment)) yield items.flatMap(item => toStore(item) ?? []);
  }

  /** Enters a store of an earlier version into the list. */
  async enlist(storeId: string): Promise<void> {
    await this.#table.update({ storeId }, expression`SET ${keys.part.is(partOf(storeId))}`, isSeen);
  }

  /** Removes a store; one that connects again is a new one. A revocation, also an earlier one, stays as its tokens do. */
  async retire(storeId: string): Promise<void> {
    if (await this.#table.delete({ storeId }, wasNeverRevoked)) return;
    const seen = [
      region,
      groups,
      timeZone,
      ...placedAttributes,
      positions,
      keys.book,
      ...driftAttributes,
      keys.part,
      firstSeenAt,
      lastSeenAt,
      wentOffAt,
    ];
    const names = seen.map(attribute => expression`${attribute}`);
    await this.#table.update({ storeId }, expression`REMOVE ${join(names, ', ')}`);
  }

  /** Notes that the book which a store told of is another one than it should be, or that it is so for long enough. */
  async noteDrift(storeId: string, { book, expected, isConfirmed, since }: Drift): Promise<void> {
    const sets = [keys.adriftBook.is(book), keys.expectedBook.is(expected), keys.adriftSince.is(since)];
    const all = expression`SET ${join([...sets, keys.isAdrift.is(isConfirmed)], ', ')}`;
    await this.#table.update({ storeId }, all, keys.book.is(book));
  }

  /** Its book is as it should be. */
  async clearDrift(storeId: string): Promise<void> {
    const marks = driftAttributes.map(attribute => expression`${attribute}`);
    await this.#table.update({ storeId }, expression`REMOVE ${join(marks, ', ')}`, isSeen);
  }

  /** Says where a store is from now on. @returns false if it was never on the line */
  place(storeId: string, wanted: PlacementChange): Promise<boolean> {
    return this.#table.update({ storeId }, placementExpression(wanted), isSeen);
  }

  /** Revokes a store, seen before or not; a revocation that holds already keeps its time, but ends newer tokens too. */
  async revoke(storeId: string, now: number): Promise<void> {
    const since = expression`${revokedAt} = if_not_exists(${revokedAt}, ${revokedAt.value(now)})`;
    await this.#table.update({ storeId }, expression`SET ${since}, ${lastRevokedAt.is(now)}`);
  }

  /** Takes a revocation back for tokens that are signed from now on. @returns false if there is none */
  restore(storeId: string): Promise<boolean> {
    return this.#table.update({ storeId }, expression`REMOVE ${revokedAt}`, isRevoked);
  }

  /** Whether the store is not revoked, and was not since its token was signed. */
  async takesTokenOf(bearer: TokenBearer): Promise<boolean> {
    return holds(await this.#table.get({ storeId: bearer.storeId }), bearer);
  }

  /** A store as the chain has placed it. @throws RevokedError where its token is not taken */
  async placedStore<B extends TokenBearer>(bearer: B) {
    const known = await this.#table.get({ storeId: bearer.storeId });
    if (!holds(known, bearer)) throw new RevokedError(`store ${bearer.storeId} is revoked`);
    return placed(known, bearer);
  }

  /** When a store was revoked, in milliseconds since the epoch; undefined if it isn't. */
  async revokedAt(storeId: string): Promise<number | undefined> {
    return (await this.#table.get({ storeId }))?.revokedAt;
  }
}
