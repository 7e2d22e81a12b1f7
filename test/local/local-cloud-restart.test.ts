/** What was accepted outlives `kill -9`: events, dead letters, keys. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClock } from '../../local/cloud-clock.ts';
import { deadLetterOf } from '../contract/dead-letters.ts';
import { connect } from '../contract/store.ts';
import { describeSystem, type System } from '../contract/system.ts';
import { patience } from '../patience.ts';
import { bootCloud, synthesizedAssembly, temporaryDirectory } from './booted-cloud.ts';

async function spawnCloud(dataDirectory: string): Promise<{ child: ChildProcess; system: System }> {
  const script = join(import.meta.dirname, 'killable-cloud.ts');
  const child = spawn(process.execPath, [script, synthesizedAssembly(), dataDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, system: describeSystem(JSON.parse(line)) };
}

async function killHard(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('every event accepted before a kill -9 is broadcast or lies with the dead letters afterwards', {
  timeout: patience(60_000),
}, async () => {
  const dataDirectory = temporaryDirectory();
  const { child, system } = await spawnCloud(dataDirectory);
  const accepted = { good: new Set<string>(), bad: new Set<string>() };
  // Ten publishers that never stop by themselves: the kill comes in the middle of them.
  const publishers = Array.from({ length: 10 }, (_, index) =>
    publishUntilKilled(system, index % 5 === 0 ? accepted.bad : accepted.good, index % 5 === 0),
  );
  await vi.waitUntil(() => accepted.good.size + accepted.bad.size > 60, {
    timeout: patience(10_000),
    interval: 1,
  });
  await killHard(child);
  await Promise.all(publishers);
  const before = handledIn(dataDirectory);
  const unfinished = [...accepted.good].filter(id => !before.broadcast.has(id));
  // Or the test would prove nothing.
  expect(unfinished.length).toBeGreaterThan(0);

  // Lambda may take a minute to run again what was under way; the clock needn't. It jumps only where nothing goes on: a
  // jump under a broadcast takes its lease away.
  const clock = createClock();
  await bootCloud({ dataDirectory, clock });
  let left = unfinished;
  await vi.waitFor(
    () => {
      const { broadcast } = handledIn(dataDirectory);
      const stillLeft = left.filter(id => !broadcast.has(id));
      if (stillLeft.length === left.length) clock.advance(61_000);
      left = stillLeft;
      expect(left).toEqual([]);
    },
    { timeout: patience(30_000), interval: patience(500) },
  );
  // What was taken as the kill came may be there too, though its publisher never heard so.
  await vi.waitFor(() => {
    const { refused } = handledIn(dataDirectory);
    expect([...accepted.bad].filter(id => !refused.has(id))).toEqual([]);
  }, patience(5_000));
});

/** What the functions' logs, which outlive the process, say of broadcasts that ended and events that were refused. */
function handledIn(dataDirectory: string): { broadcast: Set<string>; refused: Set<string> } {
  const [broadcast, refused] = [new Set<string>(), new Set<string>()];
  for (const line of logsOf(dataDirectory).split('\n')) {
    if (line.includes('"message":"broadcast"')) broadcast.add(JSON.parse(line).updateId);
    if (line.includes('"message":"event refused"')) refused.add(JSON.parse(line).eventId);
  }
  return { broadcast, refused };
}

async function publishUntilKilled(system: System, accepted: Set<string>, bad: boolean): Promise<void> {
  const detail = bad ? { offer: 'misspelt' } : { offerId: 'o' };
  for (;;) {
    try {
      accepted.add(await system.publish('OfferWithdrawn', detail));
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return;
      throw error;
    }
  }
}

function logsOf(dataDirectory: string): string {
  const directory = join(dataDirectory, 'logs');
  return readdirSync(directory)
    .map(file => readFileSync(join(directory, file), 'utf8'))
    .join('\n');
}

test('after a kill -9 a token still holds, dead letters are still there, and addresses by name are the same', {
  timeout: patience(20_000),
}, async () => {
  const dataDirectory = temporaryDirectory();
  const first = await spawnCloud(dataDirectory);
  const storeId = 'store-1';
  const token = await first.system.mintToken({ role: 'store', storeId, region: 'north', groups: [] });
  const before = await connect(first.system, { token });
  await before.ping();
  const bad = await first.system.publish('OfferWithdrawn', {});
  await vi.waitUntil(() => logsOf(dataDirectory).includes(bad), { timeout: patience(20_000) });
  await killHard(first.child);
  await before.closed;

  const { system } = await bootCloud({ dataDirectory });
  expect(system.outputs).toMatchObject({
    TokenKeyId: first.system.outputs.TokenKeyId,
    EventBusName: first.system.outputs.EventBusName,
  });
  expect(await deadLetterOf(system, bad)).toMatchObject({ event: { id: bad } });
  const store = await connect(system, { token });
  const id = await system.publish('OfferWithdrawn', { offerId: 'o', audience: { regions: ['north'] } });
  await store.update(id);
  const response = await system.request('GET', `stores/${storeId}`);
  expect(await response.json()).toMatchObject({ storeId, region: 'north', connected: true });
});

test('a fresh start forgets keys, dead letters and stores', async () => {
  const dataDirectory = temporaryDirectory();
  const first = await bootCloud({ dataDirectory });
  const token = await first.system.mintToken({ role: 'manager', name: 'm' });
  expect((await first.system.request('GET', 'stores', { token })).status).toBe(200);
  await first.cloud.stop();
  const second = await bootCloud({ dataDirectory, fresh: true });
  expect((await second.system.request('GET', 'stores', { token })).status).toBe(401);
});
