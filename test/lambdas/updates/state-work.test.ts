/** The current state of an update in many channels: by one invocation after the other, each from where it was left. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Positions, Update } from '../../../domain/updates/update.ts';
import { CurrentState } from '../../../lambdas/updates/current-state.ts';
import { StateHeldError, type StateRest, StateWork } from '../../../lambdas/updates/state-work.ts';
import { StateWriter } from '../../../lambdas/updates/state-writer.ts';
import { UpdateLog } from '../../../lambdas/updates/update-log.ts';
import { startAws, TABLES } from '../aws.ts';
import { audience, NOW, priceUpdate, unique } from '../updates.ts';

const aws = await startAws();
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const lambda = new LambdaClient({ endpoint: aws.endpoint, region: 'local', credentials });
afterAll(() => lambda.destroy());
const log = new UpdateLog({ client: aws.dynamodb, table: TABLES.updates });
const writer = new StateWriter({ client: aws.dynamodb, table: TABLES.current, log });
const work = new StateWork({
  client: aws.dynamodb,
  table: TABLES.updates,
  writer,
  lambda,
  functionName: 'this-function',
});
const current = new CurrentState({ client: aws.dynamodb, table: TABLES.current });

/** It stops after each batch of 32. */
const hurried = (holder = unique('request')) => ({ holder, deadline: 0 });
const unhurried = (holder = unique('request')) => ({ holder, deadline: Number.POSITIVE_INFINITY });
const rests = () => (aws.invocations as { state: StateRest }[]).map(({ state }) => state);

/** 7 stores and 20 prices: 147 writes. */
const prices = Array.from({ length: 20 }, (_, sku) => ({ sku: `SKU-${sku}`, amount: sku, currency: 'EUR' }));
let update: Update;
let positions: Positions;
let puts = 0;
beforeEach(() => {
  const stores = Array.from({ length: 7 }, () => unique('s'));
  update = priceUpdate({ audience: audience({ stores }), data: { prices } });
  positions = Object.fromEntries(stores.map(store => [`store/${store}`, 1]));
  puts = 0;
  aws.faultOf = operation => {
    if (operation === 'PutItem') puts += 1;
    return undefined;
  };
});
afterEach(() => aws.reset());

async function expectWholeState(): Promise<void> {
  for (const channel of Object.keys(positions)) {
    const { entries } = await current.after(channel, 0, 2, NOW);
    expect(entries).toHaveLength(1);
    expect(entries[0]?.update.data.prices).toHaveLength(20);
  }
  const newest = await current.newest(Object.keys(positions));
  for (const channel of Object.keys(positions)) expect(newest[channel]).toBe(1);
}

describe('the current state of an update', () => {
  // 500 stores and 230 prices never ended: the invocation was killed, and its retry began from the start.
  it('is written by as many invocations as it takes, each write once', async () => {
    await work.run({ update, positions }, hurried());
    for (let next = 0; next < rests().length; next += 1)
      await work.run({ update, positions }, hurried(), rests()[next]);
    expect(rests()).toMatchObject([
      { done: 32, depth: 1 },
      { done: 64, depth: 2 },
      { done: 96, depth: 3 },
      { done: 128, depth: 4 },
      { done: 147, depth: 5 },
    ]);
    // A lease for each of the six invocations.
    expect(puts).toBe(147 + 6);
    await expectWholeState();
  });

  it('goes on from its checkpoint after a crash, by the retry of its own invocation alone', async () => {
    aws.faultOf = operation => (operation === 'Invoke' ? 'refuse' : undefined);
    const first = hurried();
    await expect(work.run({ update, positions }, first)).rejects.toThrow();
    aws.reset();
    // It once passed for done, and with it the whole update.
    await expect(work.run({ update, positions }, unhurried())).rejects.toThrow(StateHeldError);
    expect(rests()).toEqual([]);
    await work.run({ update, positions }, unhurried(first.holder));
    expect(rests()).toMatchObject([{ done: 32, depth: 1 }]);
    await work.run({ update, positions }, unhurried(), rests()[0]);
    await expectWholeState();
  });

  it('is written once though its event comes again', async () => {
    await work.run({ update, positions }, unhurried());
    const written = puts;
    await work.run({ update, positions }, unhurried());
    // The attempt to take the lease.
    expect(puts).toBe(written + 1);
    expect(rests()).toEqual([]);
  });

  it('fails loudly where even the last invocation has no time left', async () => {
    const rest = { updateId: update.id, done: 0, depth: 10 };
    await expect(work.run({ update, positions }, hurried(), rest)).rejects.toThrow('no time is left');
    expect(rests()).toEqual([]);
  });
});
