/**
 * The items of the `updates` table. An entry of the log: `c` channel, `p` position, `i` update id, `u` the update as JSON,
 * `w` its positions in every channel, `a` appended at (ms), `x` expiry (s, the table's TTL).
 *
 * An update id's own item (`c` is `id/ID`, `p` 0): `u` the update as it was first published, `n` each channel's newest
 * position before the first attempt, `w` the positions once all are claimed, `h` who works on it until when (`l`, ms), `k`
 * how far the first worker's posts have come, `e` where its share ends, `d` whether it is done. A further worker's share
 * (`c` is `share/ID`, `p` from its shard and depth) has `h`, `l`, `k`, `e` and `d` of its own. Items of `c` `published` list what was published; their `p` is the
 * time (ms). The item of `c` `pace` is account-bucket.ts's.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import { type Positions, toFrame, type Update } from '../../domain/updates/update.ts';
import type { Item } from '../aws/table.ts';
import type { Checkpoint, Extent } from '../fan-out/progress.ts';

/**
 * An entry in several channels is complete only once all its positions are claimed: until then no catch-up reads past
 * it. After so long its worker and its retries have given up, and it counts as it is.
 */
const INCOMPLETE_MS = 300_000;

/** The partition of the turns to post. No channel has this name. */
export const PACE = 'pace';
const ID_PREFIX = 'id/';

export function idChannel(id: string): string {
  return `${ID_PREFIX}${id}`;
}

/** The update whose own item this key is; undefined for any other item. */
export function updateOfIdItem({ c }: Item): string | undefined {
  return c?.S?.startsWith(ID_PREFIX) ? c.S.slice(ID_PREFIX.length) : undefined;
}

export function shareChannel(id: string): string {
  return `share/${id}`;
}

export function extentOf(item: Item): Extent {
  const read = (text: string | undefined) =>
    text === undefined ? undefined : (JSON.parse(text) as Checkpoint);
  const [checkpoint, end] = [read(item.k?.S), read(item.e?.S)];
  return { ...(checkpoint && { checkpoint }), ...(end && { end }) };
}

export function keyOf(channel: string, position: number): Item {
  return { c: { S: channel }, p: { N: String(position) } };
}

/** Whether entries go on from a position without a gap. */
export function isUnbroken(items: readonly Item[], position: number): boolean {
  return items.length > 0 && items.every((item, index) => Number(item.p?.N) === position + 1 + index);
}

export function takeComplete(items: readonly Item[], now: number): Item[] {
  const firstIncomplete = items.findIndex(
    item => item.w === undefined && Number(item.a?.N) > now - INCOMPLETE_MS,
  );
  return items.slice(0, firstIncomplete < 0 ? undefined : firstIncomplete);
}

export function toEntry(item: Item): ChannelEntry {
  const position = Number(item.p?.N);
  const positions = item.w === undefined ? { [item.c?.S ?? '']: position } : fromMap(item.w);
  return { position, update: toFrame(parseUpdate(item), positions) };
}

export function parseUpdate(item: Item): Update {
  return JSON.parse(item.u?.S ?? '{}') as Update;
}

export function toMap(positions: Positions): AttributeValue {
  const entries = Object.entries(positions).map(
    ([channel, position]) => [channel, { N: String(position) }] as const,
  );
  return { M: Object.fromEntries(entries) };
}

export function fromMap(value: AttributeValue | undefined): Positions {
  const entries = Object.entries(value?.M ?? {}).map(
    ([channel, position]) => [channel, Number(position.N)] as const,
  );
  return Object.fromEntries(entries);
}
