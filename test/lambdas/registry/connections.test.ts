import { afterEach, describe, expect, it } from 'vitest';
import type { Audience } from '../../../domain/updates/channels.ts';
import { shardOf } from '../../../lambdas/aws/shard.ts';
import { Connections, type Line, SupersededError } from '../../../lambdas/registry/connections.ts';
import { startAws, TABLES } from '../aws.ts';
import { audience, HOUR, NOW, unique } from '../updates.ts';

const SHARDS = 4;
const aws = await startAws();
const connections = new Connections({ client: aws.dynamodb, table: TABLES.connections, shards: SHARDS });
const registered: Line[] = [];
afterEach(async () => {
  for (const line of registered.splice(0)) await connections.deregister(line);
});

function storeLine(
  storeId: string,
  changes: Partial<Line> & { region?: string; groups?: string[] } = {},
): Line {
  const { region, groups = [], ...line } = changes;
  return {
    identity: { role: 'store', storeId, region, groups },
    connectionId: unique('c='),
    connectedAt: NOW,
    ...line,
  };
}

const managerLine = (name: string): Line => ({
  identity: { role: 'manager', name },
  connectionId: unique('c='),
  connectedAt: NOW,
});

async function register(...lines: Line[]): Promise<void> {
  for (const line of lines) {
    await connections.register(line, line.connectedAt);
    registered.push(line);
  }
}

async function reachedBy(to: Audience | undefined, now = NOW): Promise<string[]> {
  const members: string[] = [];
  for await (const page of connections.members(to, now))
    members.push(...page.map(({ connectionId }) => connectionId));
  return members.sort();
}

const connectionsOf = (...lines: Line[]) => lines.map(({ connectionId }) => connectionId).sort();
/** A member as a broadcast has it. */
const memberOf = (line: Line) => {
  const storeId = line.identity.role === 'store' ? line.identity.storeId : '';
  return { shard: shardOf(storeId, SHARDS), member: `store#${storeId}`, connectionId: line.connectionId };
};

describe('a newer line of a store', () => {
  it('takes the place of the older one', async () => {
    const older = storeLine(unique('s'));
    const newer: Line = { ...older, connectionId: unique('c='), connectedAt: NOW + 1 };
    await connections.register(older, older.connectedAt);
    await register(newer);
    expect(await connections.isRegistered(newer)).toBe(true);
    expect(await connections.isRegistered(older)).toBe(false);
    expect(await reachedBy(undefined)).toEqual(connectionsOf(newer));
  });

  it('stays when the older one registers again, or closes late', async () => {
    const older = storeLine(unique('s'));
    const newer: Line = { ...older, connectionId: unique('c='), connectedAt: NOW + 1 };
    await register(newer);
    await expect(connections.register(older, older.connectedAt)).rejects.toThrow(SupersededError);
    expect(await connections.deregister(older)).toBe(false);
    expect(await connections.isRegistered(newer)).toBe(true);
  });

  it('registers again without replacing itself', async () => {
    const line = storeLine(unique('s'));
    await register(line);
    expect(await connections.register(line, line.connectedAt)).toBeUndefined();
    expect(await connections.deregister(line)).toBe(true);
    expect(await connections.deregister(line)).toBe(false);
  });
});

describe('an entry that a post found gone', () => {
  it('is removed if it still holds that connection', async () => {
    const line = storeLine(unique('s'));
    await register(line);
    expect(await connections.remove({ ...memberOf(line), connectionId: 'c=other' })).toBe(false);
    expect(await connections.remove(memberOf(line))).toBe(true);
    expect(await connections.remove(memberOf(line))).toBe(false);
  });

  it('stays if its line connected after the broadcast began', async () => {
    const line = storeLine(unique('s'));
    await register(line);
    expect(await connections.remove(memberOf(line), NOW)).toBe(false);
    expect(await connections.remove(memberOf(line), NOW + 1)).toBe(true);
  });
});

describe('the count of connected stores', () => {
  it('is over all shards, without managers and without what has expired', async () => {
    const old = storeLine(unique('s'), { connectedAt: NOW - 2 * HOUR - 601_000 });
    const stores = Array.from({ length: 20 }, () => storeLine(unique('s')));
    await register(...stores, old, managerLine('office'));
    expect(await connections.countStores(NOW)).toBe(20);
    expect(await connections.countStores(old.connectedAt)).toBe(21);
  });

  it('is of more than a page of DynamoDB’s, which is a megabyte', async () => {
    const groups = Array.from({ length: 4_500 }, (_, index) => `${index}`.padStart(64, 'g'));
    const oneShard = new Connections({ client: aws.dynamodb, table: TABLES.connections, shards: 1 });
    const stores = Array.from({ length: 5 }, () => storeLine(unique('s'), { groups }));
    for (const line of stores) await oneShard.register(line, NOW);
    const count = await oneShard.countStores(NOW);
    for (const line of stores) await oneShard.deregister(line);
    expect(count).toBe(5);
  });
});

describe('the members of an audience', () => {
  it('are exactly the stores that it names in any way, each once, over all shards', async () => {
    const [north, south, city] = [unique('north'), unique('south'), unique('city')];
    const lines = Array.from({ length: 24 }, (_, index) =>
      storeLine(unique('s'), {
        ...(index % 3 === 0 ? {} : { region: index % 3 === 1 ? north : south }),
        groups: index % 4 === 0 ? [city, 'other'] : [],
      }),
    );
    const shards = lines.map(({ identity }) =>
      identity.role === 'store' ? shardOf(identity.storeId, SHARDS) : -1,
    );
    expect(new Set(shards).size).toBe(SHARDS);
    await register(...lines, managerLine('m1'), managerLine('m1'));

    const placed = (
      test: (place: { region: string | undefined; groups: readonly string[]; storeId: string }) => boolean,
    ) => connectionsOf(...lines.filter(({ identity }) => identity.role === 'store' && test(identity)));
    const first = lines[0]?.identity.role === 'store' ? lines[0].identity.storeId : '';
    expect(await reachedBy(undefined)).toEqual(connectionsOf(...lines));
    expect(await reachedBy(audience({ regions: [north] }))).toEqual(placed(({ region }) => region === north));
    expect(await reachedBy(audience({ groups: [city] }))).toEqual(
      placed(({ groups }) => groups.includes(city)),
    );
    expect(await reachedBy(audience({ regions: [north, south], groups: [city] }))).toEqual(
      placed(({ region, groups }) => region !== undefined || groups.includes(city)),
    );
    expect(await reachedBy(audience({ stores: [first, first, 'unknown'] }))).toEqual(
      placed(({ storeId }) => storeId === first),
    );
    expect(await reachedBy(audience({ regions: [north], stores: [first] }))).toEqual(
      placed(({ region, storeId }) => region === north || storeId === first),
    );
    expect(await reachedBy(audience({ regions: ['nowhere'], groups: ['none'] }))).toEqual([]);
  });

  it('are read a hundred at a time where stores are named', async () => {
    const lines = Array.from({ length: 130 }, () => storeLine(unique('s')));
    await register(...lines);
    const stores = lines.map(({ identity }) => (identity.role === 'store' ? identity.storeId : ''));
    expect(await reachedBy(audience({ stores }))).toEqual(connectionsOf(...lines));
  });

  it('leave out what has expired, which DynamoDB deletes up to two days later', async () => {
    const old = storeLine(unique('s'), { connectedAt: NOW - 2 * HOUR - 601_000, region: 'north' });
    const fresh = storeLine(unique('s'), { region: 'north' });
    await register(old, fresh);
    const named = [old, fresh].map(({ identity }) => (identity.role === 'store' ? identity.storeId : ''));
    for (const to of [undefined, audience({ regions: ['north'] }), audience({ stores: named })])
      expect(await reachedBy(to)).toEqual(connectionsOf(fresh));
    expect(await connections.store(named[0] ?? '', NOW)).toBeUndefined();
    expect(await connections.store(named[1] ?? '', NOW)).toMatchObject({ region: 'north', groups: [] });
  });
});

describe('a placement', () => {
  const audienceOf = (region: string) => audience({ regions: [region] });
  const placedIn = (storeId: string, region: string, placementVersion: number) =>
    ({ role: 'store', storeId, region, groups: [], placementVersion }) as const;

  it('moves the entry of the line, and an older one that comes later does not move it back', async () => {
    const [token, first, second] = [unique('r'), unique('r'), unique('r')];
    const storeId = unique('s');
    const line = storeLine(storeId, { region: token, groups: ['g'] });
    await register(line);
    await connections.place(line, placedIn(storeId, second, 2));
    await connections.place(line, placedIn(storeId, first, 1));
    expect(await reachedBy(audienceOf(second))).toEqual(connectionsOf(line));
    for (const left of [audienceOf(token), audienceOf(first), audience({ groups: ['g'] })])
      expect(await reachedBy(left)).not.toContain(line.connectionId);
  });

  it('enters no line that is gone, and leaves the line that took over to place itself', async () => {
    const storeId = unique('s');
    const gone = storeLine(storeId, { region: 'before' });
    await connections.place(gone, placedIn(storeId, 'r', 1));
    expect(await connections.store(storeId, NOW)).toBeUndefined();
    const newer: Line = { ...gone, connectionId: unique('c='), connectedAt: NOW + 1 };
    await register(newer);
    await connections.place(gone, placedIn(storeId, 'r', 1));
    expect(await connections.store(storeId, NOW)).toMatchObject({ region: 'before' });
  });
});
