/** A large fleet is read in parts, and what is said of it is the same. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { PushedDeliveries } from '../../../lambdas/live/push-delivery.ts';
import { handler } from '../../../lambdas/management.ts';
import { DeliverySum, sumDeliveries } from '../../../lambdas/receipts/delivery-sum.ts';
import { deliveryParts } from '../../../lambdas/receipts/fleet-parts.ts';
import { inboxFromEnvironment } from '../../../lambdas/receipts/receipt-inbox.ts';
import { receiptsFromEnvironment } from '../../../lambdas/receipts/receipts.ts';
import { single } from '../../../lambdas/receipts/whole-delivery.ts';
import { connectionsFromEnvironment } from '../../../lambdas/registry/connections.ts';
import { rosterFromEnvironment } from '../../../lambdas/registry/roster.ts';
import { logWriterFromEnvironment } from '../../../lambdas/updates/log-writer.ts';
import { updateLogFromEnvironment } from '../../../lambdas/updates/update-log.ts';
import { enterEnvironment, startAws } from '../aws.ts';
import { captureLog, tokenOf } from '../events.ts';
import { audience, isoTime, priceUpdate, unique } from '../updates.ts';

const aws = await startAws();
// Shards in whole parts: those of more than 20,000 stores.
enterEnvironment(aws, 16);
captureLog();
afterEach(() => aws.reset());
const connections = connectionsFromEnvironment();
const inbox = inboxFromEnvironment();
const roster = rosterFromEnvironment();
const sources = { connections, roster, receipts: receiptsFromEnvironment() };
const writer = logWriterFromEnvironment();
const PUBLISHED = Date.now() - 60_000;

async function join(region: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => unique('s'));
  for (const storeId of ids) {
    const identity = { role: 'store', storeId, region, groups: [] } as const;
    await roster.heard(identity, PUBLISHED - 1_000);
    await connections.register({ identity, connectionId: unique('c='), connectedAt: PUBLISHED }, PUBLISHED);
  }
  return ids;
}

async function get(path: string, query: Record<string, string> = {}) {
  const answer = await handler({
    rawPath: path,
    headers: { authorization: `Bearer ${await tokenOf(aws, { role: 'manager', name: 'ada' })}` },
    queryStringParameters: query,
    requestContext: { http: { method: 'GET' } },
  } as unknown as APIGatewayProxyEventV2);
  return JSON.parse(answer.body ?? '');
}

async function publish(named: Parameters<typeof audience>[0]) {
  const update = priceUpdate({ audience: audience(named), publishedAt: isoTime(PUBLISHED) });
  await writer.begin(update, 'worker', Date.now());
  return update;
}

describe('a fleet that is read in parts', () => {
  it('is counted whole, each store once, and listed in the order of the ids', async () => {
    const region = unique('r');
    const stores = await join(region, 30);
    const [unseen, refusing = '', leaving = '', ...applying] = [unique('never'), ...stores];
    const update = await publish({ regions: [region], stores: [unseen, refusing] });
    const says = (storeId: string, outcome: 'applied' | 'rejected') =>
      inbox.put(storeId, [{ updateId: update.id, outcome, at: PUBLISHED + 5_000 }], Date.now());
    for (const storeId of applying.slice(0, 20)) await says(storeId, 'applied');
    await says(refusing, 'rejected');
    const identity = { role: 'store', storeId: leaving, region, groups: [] } as const;
    const line = await connections.registered({ identity, connectionId: '', connectedAt: 0 });
    await connections.deregister({ identity, connectionId: line?.connectionId ?? '' });

    const path = `/updates/${update.id}/delivery`;
    const counts = { targeted: 31, applied: 20, rejected: 1, pending: 8, offline: 2, expired: 0 };
    expect(await get(path)).toMatchObject({ ...counts, lastAppliedMs: 5_000 });
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await get(path, { limit: '4', ...(cursor === undefined ? {} : { cursor }) });
      expect(page).toMatchObject(counts);
      listed.push(...page.stores.map(({ storeId }: { storeId: string }) => storeId));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(listed).toEqual([unseen, ...stores].sort());
  });

  it('is read no further than it is asked for', async () => {
    const region = unique('r');
    await join(region, 30);
    const update = await publish({ regions: [region] });
    const parts = deliveryParts([single(update)], sources, Date.now());
    const sum = new DeliverySum();
    for await (const { reports } of parts) {
      for (const report of reports.values()) sum.add(report);
      break;
    }
    expect(sum.counts.targeted).toBeGreaterThan(0);
    expect(sum.counts.targeted).toBeLessThan(30);
  });

  it('is told of by frames as it may be read, and what came meanwhile with a later one', async () => {
    await join(unique('r'), 30);
    const [one, two] = [await publish({ regions: [unique('r')] }), await publish({ regions: [unique('r')] })];
    const pushed = new PushedDeliveries({ ...sources, updates: updateLogFromEnvironment() });
    const idsOf = async (ids: string[], now: number) =>
      (await pushed.of(ids, now)).map(({ updateId }) => updateId);
    const now = Date.now();
    expect(await idsOf([one.id], now)).toEqual([one.id]);
    // Ten thousand stores a second: thirty and more take some milliseconds.
    expect(await idsOf([two.id], now + 1)).toEqual([]);
    expect(await idsOf([one.id], now + 1_000)).toEqual([two.id, one.id]);
  });

  it('is not read at all for an update that names a few stores', async () => {
    const [one = '', two = ''] = await join(unique('r'), 10);
    const update = await publish({ stores: [one, two] });
    const reads: string[] = [];
    aws.faultOf = operation => {
      reads.push(operation);
      return undefined;
    };
    const sums = await sumDeliveries([update], sources, Date.now());
    expect(sums.get(update.id)?.counts).toMatchObject({ targeted: 2, pending: 2 });
    // Beside the marks, the inbox and the receipts of each of the eight shards.
    expect(reads.filter(operation => operation !== 'Query' && operation !== 'GetItem')).toEqual([
      'BatchGetItem',
    ]);
    expect(reads.filter(operation => operation === 'Query')).toHaveLength(16);
  });
});
