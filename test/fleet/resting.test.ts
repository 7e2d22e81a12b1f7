/** A till at rest through real sockets, on a clock that jumps: how many frames it sends, and what one holds. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStoreClient, memoryOutbox } from '../../client/node.ts';
import { minuteOf, type Sale } from '../../domain/sales/sale.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { connect } from '../contract/store.ts';
import { ringUp } from '../domain/till.ts';
import { bootCloud } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { Random } from './random.ts';
import { type Frame, UnreliableNetwork } from './unreliable-network.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MINUTES = 6;
const SALES = 5;
const PATIENCE = { timeout: patience(20_000), interval: 5 };

async function openTill() {
  const clock = createClock();
  const { system } = await bootCloud({ clock });
  const random = new Random(24);
  const sent: Frame[] = [];
  const network = new UnreliableNetwork({
    clock,
    random: random.fork(),
    heard: (direction, frame) => void (direction === 'up' && sent.push(frame)),
  });
  const client = createStoreClient({
    url: system.storeEndpoint,
    token: await system.mintToken({ role: 'store', storeId: 's0', region: 'north', groups: [] }),
    outbox: memoryOutbox(),
    WebSocket: network.WebSocket,
    clock,
    random: random.next,
  });
  onTestFinished(() => client.close());
  await vi.waitUntil(() => 'all' in client.positions, PATIENCE);
  const pass = async (ms: number) => {
    clock.advance(ms);
    await vi.waitUntil(() => network.isQuiet, PATIENCE);
  };
  // At first a till waits for nothing.
  await pass(MINUTE);
  const sell = (id: string, change: Partial<Sale> = {}) =>
    client.send(ringUp(id, { ...change, soldAt: new Date(client.now()).toISOString() }));
  return { client, network, pass, sell, sent, system };
}

test('a till that sells all the time sends a frame a minute, with the sales of a whole minute; each sale at once while somebody watches', {
  timeout: patience(60_000),
}, async () => {
  const { client, pass, sell, sent, system } = await openTill();
  await pass(MINUTE - (client.now() % MINUTE));
  sent.length = 0;

  for (let sold = 0; sold < MINUTES * SALES; sold += 1) {
    await sell(`S${sold}`);
    await pass(MINUTE / SALES);
  }
  // The last minute's report leaves in the first half of the next one.
  await pass(1.5 * MINUTE);
  expect(client.unsent).toBe(0);
  expect(sent.map(({ action }) => action)).toEqual(sent.map(() => 'report'));
  const minutes = sent.map(({ sales }) => new Set((sales as Sale[]).map(({ soldAt }) => minuteOf(soldAt))));
  expect(minutes.map(({ size }) => size)).toEqual(sent.map(() => 1));
  expect(new Set(minutes.flatMap(minute => [...minute])).size).toBe(sent.length);
  expect(sent.length).toBeLessThan(2 * MINUTES);

  await sell('waiting');
  const token = await system.mintToken({ role: 'manager', name: 'ada' });
  const manager = await connect(system, { token });
  manager.send({ action: 'watch' });
  await vi.waitUntil(() => client.unsent === 0, PATIENCE);
  await sell('seen');
  await vi.waitUntil(() => client.unsent === 0, PATIENCE);
  const answer = await system.request('GET', 'sales/totals?store=s0');
  expect(await answer.json()).toMatchObject({ items: [{ count: MINUTES * SALES + 2 }] });
});

test('a till closes its day although the line breaks: what waits goes first, and what the chain lacks has a number', {
  timeout: patience(60_000),
}, async () => {
  const { client, network, sell } = await openTill();
  const businessDay = new Date(client.now()).toISOString().slice(0, 10);
  const rung = (sequence: number) => sell(`S${sequence}`, { till: '1', sequence, businessDay });
  await rung(1);
  await rung(3);
  const closing = {
    till: '1',
    businessDay,
    count: 3,
    amount: 3 * ringUp('S').total,
    currency: 'EUR',
    last: 3,
  };
  network.cut();
  expect(await client.closeDay(closing)).toMatchObject({ agrees: false, count: 2, missing: [2] });
  await rung(2);
  expect(await client.closeDay(closing)).toMatchObject({ agrees: true, count: 3, missing: [] });
  expect(client.unsent).toBe(0);
});
