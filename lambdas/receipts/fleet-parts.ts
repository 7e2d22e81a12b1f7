/**
 * Reads what became of updates, part by part of the fleet: who is targeted, who is connected, and what they have said. A
 * function holds one part of a large fleet, and whoever has found what it looks for reads no further. For updates that
 * name few stores these alone are read.
 */

import { chunks } from '../../domain/chunks.ts';
import { type Connections, namesStoresOnly } from '../registry/connections.ts';
import type { Roster } from '../registry/roster.ts';
import type { ListedStore } from '../registry/roster-list.ts';
import { partOf, parts } from '../registry/store-parts.ts';
import type { DeliveryReport, Fleet } from './delivery-report.ts';
import { deliveryOf } from './delivery-report.ts';
import type { Receipt } from './receipt-rows.ts';
import type { Receipts } from './receipts.ts';
import { type Delivered, receiptsOfWhole } from './whole-delivery.ts';

export interface FleetSources {
  connections: Connections;
  roster: Pick<Roster, 'list'>;
  receipts: Pick<Receipts, 'ofEach'>;
}

export interface FleetPart {
  fleet: Fleet;
  /** By update, of the stores of this part. */
  receipts: ReadonlyMap<string, readonly Receipt[]>;
}

/** More stores by name cost more than the fleet: a read of one item is a unit, of many in a row a part of it. */
const MOST_BY_NAME = 100;

/**
 * @param updates of which a part has the receipts
 * @param now milliseconds since the epoch
 */
export async function* fleetParts(
  updates: readonly Delivered[],
  sources: FleetSources,
  now: number,
): AsyncGenerator<FleetPart> {
  if (updates.length === 0) return;
  const ids = updates.flatMap(one => one.ids);
  const named = updates.every(({ update }) => namesStoresOnly(update.audience))
    ? new Set(updates.flatMap(({ update }) => update.audience?.stores ?? []))
    : undefined;
  if (named !== undefined && named.size <= MOST_BY_NAME) {
    const [lines, receipts] = await Promise.all([
      sources.connections.connectedAmong([...named], now),
      sources.receipts.ofEach(ids),
    ]);
    yield { fleet: { stores: [], connected: new Set(lines.keys()) }, receipts };
    return;
  }
  const wanted = sources.connections.hasParts ? parts : [undefined];
  for (const some of chunks(wanted, sources.connections.partsAtOnce))
    yield* await Promise.all(some.map(part => readPart(part, ids, sources, now)));
}

/** What became of each of these updates at the stores of each part. */
export async function* deliveryParts(
  updates: readonly Delivered[],
  sources: FleetSources,
  now: number,
): AsyncGenerator<{ fleet: Fleet; reports: Map<string, DeliveryReport> }> {
  for await (const { fleet, receipts } of fleetParts(updates, sources, now)) {
    const reports = updates.map(one => {
      return [one.update.id, deliveryOf(one.update, fleet, receiptsOfWhole(one, receipts), now)] as const;
    });
    yield { fleet, reports: new Map(reports) };
  }
}

/** @param part undefined for all of them */
async function readPart(
  part: number | undefined,
  updateIds: readonly string[],
  { connections, receipts, roster }: FleetSources,
  now: number,
): Promise<FleetPart> {
  const [stores, connected, received] = await Promise.all([
    listedIn(part === undefined ? parts : [part], roster),
    connections.connectedIn(now, part),
    receipts.ofEach(updateIds, part),
  ]);
  const isOfPart = (storeId: string) => part === undefined || partOf(storeId) === part;
  return { fleet: { stores, connected, isOfPart }, receipts: received };
}

async function listedIn(some: readonly number[], { list }: FleetSources['roster']): Promise<ListedStore[]> {
  const found = await Promise.all(
    some.map(async part => {
      const stores: ListedStore[][] = [];
      for await (const page of list.of(part)) stores.push(page);
      return stores.flat();
    }),
  );
  return found.flat();
}
