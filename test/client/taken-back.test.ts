/** Withdrawals of prices at a till, whatever they meet on their way. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryStorage } from '../../client/node.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { price, ScriptedChain } from './scripted-chain.ts';

let chain: ScriptedChain;
beforeEach(async () => {
  chain = await ScriptedChain.start();
});
afterEach(() => chain.stop());

/** Takes back the price with the number 1, as number `n` of channel `all`. */
function withdrawal(n: number, restored: object[] = []): UpdateFrame {
  const data = { updates: ['price-1'], restored };
  return price(n, { id: `withdrawal-${n}`, kind: 'price.withdrawn', data });
}

/** As a withdrawal brings it. */
function restored(updateId: string, channel: string, amount: number): object {
  const { publishedAt, validFrom, validUntil } = price(1);
  const prices = [{ sku: 'A', amount, currency: 'EUR' }];
  return { updateId, publishedAt, validFrom, validUntil, channels: [channel], prices };
}

// The wrong price had the later time of publication, so the book forgot the other one as replaced, and what took the wrong
// one back had been made before it was published: the till was left without a price.
it.each([
  ['has overtaken it', { isLate: false }],
  ['came while the application failed at it', { isLate: true }],
])('a withdrawal leaves in force what was published after it and %s', async (_, { isLate }) => {
  let isBusy = isLate;
  const store = chain.store({
    apply({ kind }) {
      if (kind === 'price.withdrawn' && isBusy) throw new Error('the disk is busy');
    },
  });
  const line = await chain.lines.next();
  await line.sync({ all: 0 });
  await store.next('synced');
  line.send(price(1, { publishedAt: price(9).publishedAt }));
  await store.next('applied');
  if (isLate) line.send(withdrawal(2));
  if (isLate) await store.next('error');
  line.send(price(3));
  await store.next('applied');
  // Its state is saved, and with that the book forgets what counts no more.
  await chain.clock.elapse(1_000);
  await line.accept();
  expect(store.client.price('A')?.amount).toBe(100);
  isBusy = false;
  if (isLate) chain.clock.advance(60_000);
  else line.send(withdrawal(2));
  await store.next('applied');
  expect(store.client.price('A')?.amount).toBe(300);
});

it('a part of a withdrawal takes prices out of its own SKUs, also of a till that is started again before the others come', async () => {
  const storage = memoryStorage();
  const first = chain.store({ storage });
  const line = await chain.lines.next();
  await line.sync({ all: 0 });
  await first.next('synced');
  const prices = ['A', 'B'].map(sku => ({ sku, amount: 1, currency: 'EUR' }));
  const part = withdrawal(2, [restored('before', 'all', 700)]);
  line.send({ ...part, data: { ...part.data, skus: ['A'] } });
  await first.next('applied');
  await chain.clock.elapse(1_000);
  await line.accept();
  // The power goes.
  const again = chain.store({ storage });
  const next = await chain.lines.next();
  await next.sync({ all: 2 });
  await again.next('synced');
  next.send(price(1, { positions: { all: 3 }, data: { prices } }));
  await again.next('applied');
  expect(again.client.price('A')?.amount).toBe(700);
  expect(again.client.price('B')?.amount).toBe(1);
});

it("a till that does not know its channels yet keeps no price of another store's", async () => {
  const store = chain.store();
  const line = await chain.lines.next();
  const sync = await line.next('sync');
  // The chain's time comes with a first answer; updates wait for it.
  line.answer(sync, { all: 0, 'region/N': 0 }, { more: true, positions: undefined });
  await store.next('error');
  line.send(withdrawal(2, [restored('north', 'region/N', 700), restored('south', 'region/S', 900)]));
  await store.next('applied');
  await chain.clock.elapse(1_000);
  await line.sync({ all: 2, 'region/N': 1 });
  await store.next('synced');
  expect(store.client.price('A')?.updateId).toBe('north');
});

// It brought the price back in the other store's channel alone, and with that the new whole was another store's.
it('a withdrawal that comes while a new whole does leaves a price that it also brings back to others', async () => {
  const store = chain.store();
  const line = await chain.lines.next();
  const common = price(3, { id: 'both', positions: { 'region/N': 1 } }, 700);
  await line.sync(undefined, { recovered: false, first: true, cursor: 'c', more: true, updates: [common] });
  const sync = await line.next('sync');
  const { id: updateId, publishedAt, data } = common;
  const again = { ...restored('both', 'region/S', 700), updateId, publishedAt, ...data };
  line.send(withdrawal(2, [again]));
  await store.next('update');
  line.answer(sync, { all: 2, 'region/N': 1 }, { recovered: false });
  await store.next('synced');
  expect(store.client.price('A')?.updateId).toBe('both');
});
