/** How updates go out in waves: who gets them when, what stops them, and how they are taken back. */
import { afterEach, describe, expect, it } from 'vitest';
import { acted } from '../../../lambdas/rollouts/rollout-steps.ts';
import { viewOf } from '../../../lambdas/rollouts/rollout-view.ts';
import { updateLogFromEnvironment } from '../../../lambdas/updates/update-log.ts';
import { enterEnvironment, startAws } from '../aws.ts';
import { CrashError, crashingClient } from '../crashing-client.ts';
import { captureLog } from '../events.ts';
import { price } from '../fan-out/published.ts';
import { StagedFleet } from './staged-fleet.ts';

const aws = await startAws();
enterEnvironment(aws);
captureLog();
afterEach(() => aws.reset());
const log = updateLogFromEnvironment();

const prices = { prices: [price] };
const waves = [{ stores: 10 }, { percent: 25 }, { percent: 100 }];
const plan = { waves, soakMinutes: 15, minAppliedPercent: 95, maxRejectedPercent: 1 };
const offer = (offerId: string) => ({
  offerId,
  title: 'Two for one',
  skus: ['A'],
  discount: { percent: 50 },
  validUntil: new Date(Date.now() + 86_400_000).toISOString(),
});

async function fleetOf(count: number): Promise<StagedFleet> {
  const fleet = new StagedFleet(aws);
  await fleet.join(count);
  return fleet;
}

describe('a rollout to a hundred stores', () => {
  it('goes on from wave to wave once the soak is over, and reaches the audience itself at last', async () => {
    const fleet = await fleetOf(100);
    const id = await fleet.publish(prices, plan);
    expect(await fleet.run(id)).toMatchObject({ state: 'running', wave: 1 });
    const first = fleet.postedTo(`${id}.wave1`);
    expect(first).toHaveLength(10);
    fleet.pass(14);
    expect(await fleet.run(id)).toMatchObject({ state: 'running', wave: 1 });
    fleet.pass(1);
    expect(await fleet.run(id)).toMatchObject({
      wave: 2,
      waves: [{ figures: { targeted: 10, applied: 10, rejected: 0 } }, { targeted: 15 }, { targeted: 100 }],
    });
    const second = fleet.postedTo(`${id}.wave2`);
    expect(second).toHaveLength(15);
    expect(second.filter(storeId => first.includes(storeId))).toEqual([]);
    fleet.pass(15);
    expect(await fleet.run(id)).toMatchObject({ state: 'running', wave: 3 });
    expect(fleet.postedTo(`${id}.wave3`)).toEqual([...fleet.storeIds].sort());
    fleet.pass(15);
    expect(await fleet.run(id)).toMatchObject({ state: 'finished', wave: 3 });
    const published = await Promise.all([1, 2, 3].map(number => log.find(`${id}.wave${number}`)));
    expect(new Set(published.map(found => found?.update.publishedAt)).size).toBe(1);
    expect(published[2]?.update.audience).toMatchObject({ regions: [fleet.region] });
  });

  it('halts in the first wave that has a store which refuses it, and says so in figures', async () => {
    const fleet = await fleetOf(100);
    const id = await fleet.publish(prices, plan);
    const refusing = await wavesOf(fleet, id);
    // One tenth of them, and none in the first wave.
    const refusers = new Set(
      refusing
        .filter(({ wave }) => wave !== 1)
        .slice(0, 10)
        .map(({ storeId }) => storeId),
    );
    fleet.says = storeId => (refusers.has(storeId) ? 'rejected' : 'applied');
    await fleet.deliver();
    fleet.pass(15);
    expect(await fleet.run(id)).toMatchObject({ state: 'running', wave: 2 });
    const halted = await fleet.run(id);
    expect(halted).toMatchObject({
      state: 'halted',
      wave: 2,
      waves: [{}, { figures: { rejected: 10 } }, {}],
    });
    expect(halted.reason).toBe('wave 2: 10 of 15 stores (66.7 %) refused it, more than the 1 % that may');
    fleet.pass(60);
    expect(await fleet.run(id)).toMatchObject({ state: 'halted', wave: 2 });
    expect(fleet.postedTo(`${id}.wave3`)).toEqual([]);
  });
});

/** Begins a rollout without its bus, and tells which store is in which wave. */
async function wavesOf(fleet: StagedFleet, id: string): Promise<{ storeId: string; wave: number }[]> {
  await fleet.work().run(id, false, fleet.now);
  const { stores = [] } = await fleet.rollouts().content(id);
  return stores.flatMap((parts, index) => parts.flat().map(storeId => ({ storeId, wave: index + 1 })));
}

describe('a wave', () => {
  it('halts on silence when its soak is over, and goes on anew when it is resumed', async () => {
    const fleet = await fleetOf(20);
    const id = await fleet.publish(prices, plan);
    fleet.says = () => 'nothing';
    await fleet.run(id);
    fleet.pass(15);
    const halted = await fleet.run(id);
    expect(halted).toMatchObject({ state: 'halted', wave: 1 });
    expect(halted.reason).toBe(
      'wave 1: 0 of 10 stores (0 %) have applied it after 15 min, fewer than the 95 % that must; 10 have not answered',
    );
    const resumed = await fleet.act(id, 'resume');
    expect(resumed).toMatchObject({ state: 'running', wave: 1 });
    expect(resumed).not.toHaveProperty('reason');
    expect(await fleet.run(id)).toMatchObject({ state: 'running', wave: 1 });
    fleet.pass(15);
    expect(await fleet.run(id)).toMatchObject({ state: 'halted', wave: 1 });
    expect(await fleet.act(id, 'advance')).toMatchObject({ state: 'running', wave: 3 });
  });

  it('does not wait for stores that were off the line before it, but halts where none was on it', async () => {
    const fleet = await fleetOf(3);
    await fleet.join(7, { isConnected: false });
    const id = await fleet.publish(prices, { waves: [{ stores: 5 }, { percent: 100 }], soakMinutes: 1 });
    await fleet.run(id);
    expect(fleet.postedTo(`${id}.wave1`)).toHaveLength(3);
    fleet.pass(1);
    expect(await fleet.run(id)).toMatchObject({
      wave: 2,
      waves: [{ figures: { targeted: 5, applied: 3, absent: 2 } }, {}],
    });
    const lonely = new StagedFleet(aws);
    await lonely.join(4, { isConnected: false });
    const silent = await lonely.publish(prices, {
      waves: [{ percent: 50 }, { percent: 100 }],
      soakMinutes: 1,
    });
    await lonely.run(silent);
    lonely.pass(1);
    expect((await lonely.run(silent)).reason).toBe(
      'wave 1: none of its 2 stores was on the line after 1 min',
    );
  });

  it('halts where its stores have gone off the line since it began', async () => {
    const fleet = await fleetOf(10);
    const id = await fleet.publish(prices, plan);
    fleet.says = storeId => (storeId === fleet.storeIds[0] ? 'nothing' : 'applied');
    await fleet.run(id);
    fleet.pass(5);
    await fleet.drop(fleet.storeIds[0] ?? '');
    fleet.pass(10);
    expect((await fleet.run(id)).reason).toContain('9 of 10 stores (90 %) have applied it after 15 min');
  });

  it('has stores that came after the time that the publisher gave, too', async () => {
    const fleet = await fleetOf(4);
    const publishedAt = new Date(Date.now() - 86_400_000).toISOString();
    const id = await fleet.publish({ ...prices, publishedAt }, { waves: [{ stores: 1 }, { percent: 100 }] });
    expect(await fleet.run(id)).toMatchObject({ wave: 1, waves: [{ targeted: 1 }, { targeted: 4 }] });
    expect(fleet.postedTo(`${id}.wave1`)).toHaveLength(1);
  });

  it('is passed over where it has nobody', async () => {
    const fleet = await fleetOf(4);
    const id = await fleet.publish(prices, {
      waves: [{ groups: ['pilot'] }, { percent: 50 }, { stores: 1 }, { percent: 100 }],
      soakMinutes: 0,
    });
    expect(await fleet.run(id)).toMatchObject({ wave: 2, waves: [{ targeted: 0 }, {}, { targeted: 0 }, {}] });
    expect(await fleet.run(id)).toMatchObject({ wave: 4 });
  });

  it('of more stores than a frame has room for is several updates', async () => {
    const fleet = await fleetOf(12);
    const many = Array.from({ length: 620 }, (_, sku) => ({ ...price, sku: `SKU-${sku}` }));
    const id = await fleet.publish({ prices: many }, { waves: [{ stores: 12 }, { percent: 100 }] });
    await fleet.work().run(id, false, fleet.now);
    const details = fleet.onBus.map(
      ({ detail }) => detail as { updateId: string; audience: { stores: string[] } },
    );
    expect(details.length).toBeGreaterThan(1);
    expect(details.map(({ updateId }) => updateId)).toEqual((await fleet.of(id)).waves[0]?.updateIds);
    expect(details.flatMap(({ audience }) => audience.stores).sort()).toEqual([...fleet.storeIds].sort());
  });
});

describe('a publisher', () => {
  it('pauses a rollout, and nothing is decided until it is resumed', async () => {
    const fleet = await fleetOf(20);
    const id = await fleet.publish(prices, plan);
    await fleet.run(id);
    expect(await fleet.act(id, 'pause')).toMatchObject({ state: 'paused', wave: 1 });
    fleet.pass(60);
    expect(await fleet.run(id)).toMatchObject({ state: 'paused', wave: 1 });
    await fleet.act(id, 'resume');
    fleet.pass(15);
    expect(await fleet.run(id)).toMatchObject({ state: 'running', wave: 3 });
  });

  it('rolls an offer back at every store that any wave has reached, and at no other', async () => {
    const fleet = await fleetOf(100);
    const offerId = `offer-${fleet.region}`;
    const id = await fleet.publish(offer(offerId), plan, 'OfferPublished');
    await fleet.run(id);
    const first = fleet.postedTo(`${id}.wave1`);
    expect(await fleet.act(id, 'rollback')).toMatchObject({ state: 'rollingBack' });
    expect(await fleet.run(id)).toMatchObject({ state: 'rolledBack' });
    expect(fleet.postedTo(`${id}.back1`)).toEqual(first);
    expect((await log.find(`${id}.back1`))?.update).toMatchObject({
      kind: 'offer.withdrawn',
      data: { offerId },
    });
    fleet.pass(60);
    expect(await fleet.run(id)).toMatchObject({ state: 'rolledBack', wave: 1 });
  });

  it('rolls prices back by the updates of all waves that have begun', async () => {
    const fleet = await fleetOf(100);
    const id = await fleet.publish(prices, plan);
    await fleet.run(id);
    fleet.pass(15);
    await fleet.run(id);
    const rollout = await fleet.of(id);
    await fleet.rollouts().decide(rollout, acted(rollout, 'rollback', fleet.now), fleet.now);
    await fleet.work().run(id, true, fleet.now);
    expect(fleet.onBus).toMatchObject([
      {
        'detail-type': 'PriceWithdrawn',
        detail: { updateId: `${id}.back1`, updates: [`${id}.wave1`, `${id}.wave2`] },
      },
    ]);
  });

  it('is rolled back once its withdrawal is published, says so where it is not, and puts it again', async () => {
    const fleet = await fleetOf(4);
    const id = await fleet.publish(prices, plan);
    await fleet.run(id);
    const rollBack = async () => {
      const rollout = await fleet.of(id);
      await fleet.rollouts().decide(rollout, acted(rollout, 'rollback', fleet.now), fleet.now);
      await fleet.work().run(id, true, fleet.now);
      return fleet.of(id);
    };
    expect(await rollBack()).toMatchObject({ state: 'rollingBack', withdrawalsPut: 1 });
    // It ends as a dead letter.
    fleet.onBus.splice(0);
    fleet.pass(11);
    const stuck = await fleet.run(id);
    expect(stuck).toMatchObject({ state: 'rollingBack', reason: expect.stringContaining(`${id}.back1`) });
    expect(viewOf(stuck)).toMatchObject({ state: 'rollingBack', reason: stuck.reason });
    expect(await rollBack()).not.toHaveProperty('reason');
    await fleet.deliver();
    expect(await fleet.run(id)).toMatchObject({ state: 'rolledBack' });
    expect(fleet.postedTo(`${id}.back1`)).toEqual(fleet.postedTo(`${id}.wave1`));
  });

  it('who rolls back before the waves are published keeps them from being so', async () => {
    const fleet = await fleetOf(20);
    const id = await fleet.publish(prices, plan);
    await fleet.work().run(id, false, fleet.now);
    expect(fleet.onBus).toHaveLength(1);
    await fleet.act(id, 'rollback');
    expect(await fleet.of(id)).toMatchObject({ state: 'rolledBack' });
    await fleet.run(id);
    expect(fleet.postedTo(`${id}.wave1`)).toEqual([]);
  });
});

describe('whatever fails', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'after call %i, each wave begins once, with the stores chosen first',
    async last => {
      const fleet = await fleetOf(8);
      const id = await fleet.publish(prices, { ...plan, waves: [{ stores: 4 }, { percent: 100 }] });
      const { client, settled } = crashingClient(aws.endpoint, last);
      await fleet
        .work(client)
        .run(id, true, fleet.now)
        .catch((error: unknown) => expect(error).toBeInstanceOf(CrashError));
      await settled();
      const { stores } = await fleet.rollouts().content(id);
      // Whom the first has chosen stays, whoever has come or gone since.
      const [latecomer = ''] = await fleet.join(1);
      expect(await fleet.run(id)).toMatchObject({ state: 'running', wave: 1, wavesPut: 1 });
      const posted = fleet.postedTo(`${id}.wave1`);
      expect(posted).toHaveLength(4);
      if (stores !== undefined) expect(posted).toEqual(stores[0]?.flat());
      fleet.pass(15);
      await fleet.run(id);
      expect(fleet.postedTo(`${id}.wave2`)).toContain(latecomer);
    },
  );

  it('two that decide side by side decide once', async () => {
    const fleet = await fleetOf(80);
    const id = await fleet.publish(prices, { ...plan, soakMinutes: 0 });
    const sideBySide = async () => {
      const runs = [fleet.work(), fleet.work()].map(work => work.run(id, true, fleet.now));
      const begun = (await Promise.all(runs))
        .flat()
        .filter(({ before, after }) => before.wave !== after.wave);
      await fleet.deliver();
      return begun.map(({ after }) => after.wave);
    };
    expect(await sideBySide()).toEqual([1]);
    expect(fleet.postedTo(`${id}.wave1`)).toHaveLength(10);
    expect(await sideBySide()).toEqual([2]);
    expect(fleet.postedTo(`${id}.wave2`)).toHaveLength(10);
  });

  it('of two that choose the stores of waves, the second goes by the choice of the first', async () => {
    const fleet = await fleetOf(2);
    const id = await fleet.publish(prices, plan);
    const [first, second] = [
      [[['a']], []],
      [[['b']], []],
    ];
    expect(await fleet.rollouts().choose(id, first)).toEqual(first);
    expect(await fleet.rollouts().choose(id, second)).toEqual(first);
  });

  it('a repeated event enters no second rollout, and other content under its id is refused', async () => {
    const fleet = await fleetOf(10);
    const id = await fleet.publish(prices, plan);
    await fleet.run(id);
    const entered = await fleet.of(id);
    await fleet.publish({ ...prices, updateId: id }, plan);
    expect(await fleet.of(id)).toEqual(entered);
    await fleet.publish({ ...prices, updateId: id }, { ...plan, soakMinutes: 1 });
    expect(aws.messages.map(({ code }) => code)).toEqual(['Conflict']);
  });
});
