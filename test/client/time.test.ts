import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreClientOptions } from '../../client/options.ts';
import { memoryStorage } from '../../client/storage/storage.ts';
import { ServerClock } from '../../client/time/server-clock.ts';
import { ManualClock } from './manual-clock.ts';
import { Inbox, offer, price, ScriptedChain } from './scripted-chain.ts';

const MINUTE = 60_000;

let chain: ScriptedChain;
beforeEach(async () => {
  chain = await ScriptedChain.start();
});
afterEach(() => chain.stop());

async function syncedStore(options: Partial<StoreClientOptions> = {}) {
  const store = chain.store(options);
  const line = await chain.lines.next();
  await line.sync({ all: 0 });
  await store.next('synced');
  return { store, line };
}

describe.each([
  ['right', 0],
  ['ten minutes slow', 10 * MINUTE],
  ['ten minutes fast', -10 * MINUTE],
])('on a device whose clock is %s', (_, skew) => {
  beforeEach(() => {
    chain.time.skewMs = skew;
  });

  it('an offer ends on the second', async () => {
    const { store, line } = await syncedStore();
    line.send(offer(1, chain.time.timestamp(5 * MINUTE)));
    await store.next('applied');
    expect(store.client.book.offers(store.client.now() + 5 * MINUTE - 1)).toHaveLength(1);
    await chain.clock.elapse(5 * MINUTE);
    expect(await store.next('offer.ended')).toMatchObject({ offerId: 'O1' });
    expect(store.client.offers()).toEqual([]);
  });

  it('a price starts on the second, and the old one holds until then', async () => {
    const { store, line } = await syncedStore();
    line.send(price(1));
    line.send(price(2, { validFrom: chain.time.timestamp(2 * MINUTE) }));
    await store.next('applied');
    await store.next('applied');
    expect(store.client.price('A')?.amount).toBe(100);
    await chain.clock.elapse(2 * MINUTE);
    expect(await store.next('price.effective')).toMatchObject({ amount: 200 });
    expect(store.client.price('A')?.amount).toBe(200);
  });

  it('an offer that is over on arrival is rejected, and counts as seen', async () => {
    const { store, line } = await syncedStore();
    line.send(offer(1, chain.time.timestamp(-1)));
    expect(await store.next('rejected')).toMatchObject({ reason: 'expired' });
    expect(store.client.positions).toEqual({ all: 1 });
    await chain.clock.elapse(1_000);
    expect((await line.accept()).rejected).toEqual([{ id: 'offer-1', reason: 'expired' }]);
  });

  it('an update that comes before the chain has told its time is judged by that time', async () => {
    const store = chain.store();
    const line = await chain.lines.next();
    line.send(offer(1, chain.time.timestamp(-1)));
    line.send(offer(2, chain.time.timestamp(MINUTE)));
    await line.sync({ all: 0 });
    expect(await store.next('rejected')).toMatchObject({ update: { id: 'offer-1' } });
    expect((await store.next('applied')).appliedAt).toBe(chain.time.timestamp());
  });
});

describe('an offer', () => {
  it('that came early starts on the second', async () => {
    const { store, line } = await syncedStore();
    line.send(offer(1, chain.clock.at(3 * MINUTE), { validFrom: chain.clock.at(MINUTE) }));
    await store.next('applied');
    expect(store.client.offers()).toEqual([]);
    await chain.clock.elapse(MINUTE);
    expect(await store.next('offer.started')).toMatchObject({ offerId: 'O1' });
  });

  it('that was replaced by one that is over on arrival ends with it', async () => {
    const { store, line } = await syncedStore();
    const data = { offerId: 'O', title: 'Apples', skus: ['A'], discount: { percent: 10 } };
    line.send(offer(1, chain.clock.at(MINUTE), { data }));
    await store.next('applied');
    line.send(offer(2, chain.clock.at(-1), { data }));
    await store.next('rejected');
    expect(store.client.offers()).toEqual([]);
  });
});

describe('a device that sleeps', () => {
  /** Its even clock stands still meanwhile, and its calendar doesn't. */
  function sleepyStore(options: Partial<StoreClientOptions> = {}) {
    let sleptMs = 0;
    const { clock } = chain;
    const store = chain.store({
      clock: {
        now: () => clock.now(),
        after: (delayMs, task) => clock.after(delayMs, task),
        wall: () => clock.now() + sleptMs,
      },
      ...options,
    });
    const setCalendar = (ms: number) => {
      sleptMs += ms;
    };
    const sleep = (ms: number) => {
      setCalendar(ms);
      chain.time.skewMs += ms;
    };
    return { store, sleep, setCalendar };
  }

  /** When it looks whether it has slept. */
  const LOOK = 4_999;

  it('has no offer that ended in its sleep, tells so on waking, and asks the chain for the time', async () => {
    const { store, sleep } = sleepyStore();
    const line = await chain.lines.next();
    await line.sync({ all: 0 });
    line.send(offer(1, chain.time.timestamp(5 * MINUTE)));
    await store.next('applied');
    sleep(10 * MINUTE);
    expect(store.client.offers()).toEqual([]);
    await chain.clock.elapse(LOOK);
    expect(await store.next('offer.ended')).toMatchObject({ offerId: 'O1' });
    await line.pong({ all: 1 });
    sleep(0);
    line.send(offer(2, chain.time.timestamp(-1)));
    expect(await store.next('rejected')).toMatchObject({ reason: 'expired' });
    expect(store.client.now()).toBe(Date.parse(chain.time.timestamp()));
  });

  it('does not take the time from a pong that nobody asked for, and that lay there meanwhile', async () => {
    const { store, sleep } = sleepyStore();
    const line = await chain.lines.next();
    await line.sync({ all: 0 });
    await store.next('synced');
    sleep(10 * MINUTE);
    await chain.clock.elapse(LOOK);
    const { requestId } = await line.next('ping');
    // The chain had placed the store anew just before.
    line.send({ type: 'pong', positions: { all: 0 }, serverTime: chain.time.timestamp(-10 * MINUTE) });
    line.send({ type: 'pong', requestId, positions: { all: 0 }, serverTime: chain.time.timestamp() });
    line.send(offer(1, chain.time.timestamp(-5 * MINUTE)));
    expect(await store.next('rejected')).toMatchObject({ reason: 'expired' });
    expect(store.client.now()).toBe(Date.parse(chain.time.timestamp()));
  });

  it('whose calendar was only set goes by the chain again', async () => {
    const { store, setCalendar } = sleepyStore();
    const line = await chain.lines.next();
    await line.sync({ all: 0 });
    await store.next('synced');
    setCalendar(60 * MINUTE);
    expect(store.client.now()).toBe(Date.parse(chain.time.timestamp(60 * MINUTE)));
    await chain.clock.elapse(LOOK);
    await line.pong({ all: 0 });
    line.send(price(1));
    await store.next('applied');
    expect(store.client.now()).toBe(Date.parse(chain.time.timestamp()));
    setCalendar(-3 * 60 * MINUTE);
    expect(store.client.now()).toBe(Date.parse(chain.time.timestamp()));
  });

  it('does not take the time from an answer that lay there while it slept', () => {
    const clock = new ManualClock();
    let sleptMs = 0;
    const time = new ServerClock({
      now: () => clock.now(),
      after: () => () => {},
      wall: () => clock.now() + sleptMs,
    });
    time.measure(clock.now(), clock.at(0));
    const [askedAt, serverTime] = [clock.now(), clock.at(0)];
    sleptMs = 60 * MINUTE;
    time.measure(askedAt, serverTime);
    expect(time.now()).toBe(clock.now() + sleptMs);
  });
});

describe('a till that starts without the chain, by a clock that is wrong', () => {
  it("goes by no earlier time than the chain's at its last save", async () => {
    const storage = memoryStorage();
    const { store, line } = await syncedStore({ storage });
    line.send(offer(1, chain.clock.at(5 * MINUTE)));
    await store.next('applied');
    await chain.clock.elapse(5 * MINUTE);
    await store.client.close();
    const { clock } = chain;
    const endedAt = clock.now();
    const restarted = chain.store({
      storage,
      url: () => Promise.reject(new Error('no network')),
      clock: {
        now: () => clock.now() - 86_400_000,
        after: (delayMs, task) => clock.after(delayMs, task),
      },
    });
    await restarted.client.loaded;
    expect(restarted.client.offers()).toEqual([]);
    clock.advance(MINUTE);
    expect(restarted.client.now()).toBe(endedAt + MINUTE);
  });

  it("keeps the chain's time also where nothing else changes", async () => {
    const saves = new Inbox<string>();
    const save = async (state: string) => saves.push(state);
    const { line } = await syncedStore({ storage: { ...memoryStorage(), save } });
    await chain.clock.elapse(1_000);
    await saves.next();
    for (let beat = 0; beat < 3; beat += 1) {
      await chain.clock.elapse(4 * MINUTE - (beat === 0 ? 1_000 : 0));
      await line.pong({ all: 0 });
    }
    await chain.clock.elapse(1_000);
    const { chainTime } = JSON.parse(await saves.next());
    expect(Date.parse(chainTime)).toBe(chain.clock.now());
  });
});

describe('the measured time', () => {
  const stamp = (clock: ManualClock, ms: number): string => clock.at(ms);

  it('takes half of the round trip off', () => {
    const clock = new ManualClock();
    const time = new ServerClock(clock);
    const askedAt = clock.now();
    clock.advance(400);
    time.measure(askedAt, stamp(clock, 60_000 - 200));
    expect(time.now() - clock.now()).toBe(60_000);
  });

  it('keeps the narrowest answer while a slower one agrees with it', () => {
    const clock = new ManualClock();
    const time = new ServerClock(clock);
    time.measure(clock.now(), stamp(clock, 5_000));
    const askedAt = clock.now();
    clock.advance(2_000);
    time.measure(askedAt, stamp(clock, 5_000 - 100));
    expect(time.now() - clock.now()).toBe(5_000);
  });

  it('follows a device whose clock has jumped since', () => {
    const clock = new ManualClock();
    const time = new ServerClock(clock);
    time.measure(clock.now(), stamp(clock, 0));
    const askedAt = clock.now();
    clock.advance(100);
    time.measure(askedAt, stamp(clock, 600_000));
    expect(time.now() - clock.now()).toBe(600_050);
  });

  it('ignores an answer without a time', () => {
    const clock = new ManualClock();
    const time = new ServerClock(clock);
    time.measure(clock.now(), 'soon');
    expect(time.isMeasured).toBe(false);
  });
});
