import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerClock } from '../../client/time/server-clock.ts';
import { ManualClock } from './manual-clock.ts';
import { offer, price, ScriptedChain } from './scripted-chain.ts';

const MINUTE = 60_000;

let chain: ScriptedChain;
beforeEach(async () => {
  chain = await ScriptedChain.start();
});
afterEach(() => chain.stop());

async function syncedStore() {
  const store = chain.store();
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
