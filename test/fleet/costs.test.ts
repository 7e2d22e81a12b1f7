/** What `npx storecast cost` says, against what a small fleet was billed for by the local cloud's meter. */
import { expect, test, vi } from 'vitest';
import { type MeteredMonth, monthBetween, withEvery } from '../../bench/cost/metered-month.ts';
import { pollingSample } from '../../bench/cost/polling-sample.ts';
import { ordinarySale } from '../../bench/cost/reference-fleet.ts';
import { PollingStore } from '../../bench/reference/polling-store.ts';
import { writeSampleAssembly } from '../../bench/sample-assembly.ts';
import { ASSUMED } from '../../cli/cost/assumed.ts';
import { type Fleet, type Scenario, unitsOf } from '../../cli/cost/cost-lines.ts';
import { restingCost, watchedCost } from '../../cli/cost/cost-model.ts';
import { pollingCost } from '../../cli/cost/polling-costs.ts';
import type { Bill } from '../../local/billing/priced-usage.ts';
import { dollarsFor } from '../../local/billing/prices.ts';
import { bootCloud, synthesizedAssembly, temporaryDirectory } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { SteppedFleet } from './stepped-fleet.ts';

vi.setConfig({ testTimeout: patience(90_000) });

const numbers = { stores: 40, salesPerMinute: 7, linesPerSale: 4 };
const quiet: Fleet = { ...numbers, updatesPerDay: 0 };
const pushed: Fleet = { ...numbers, updatesPerDay: 2_880 };

const reading = (bill: Bill) => ({ bill, cpuMs: 0 });

/** Without GB-seconds on either side: how long a Lambda takes is the machine's. */
function expectAlike({ dollars, items }: MeteredMonth, model: Scenario): void {
  const metered = dollars - (items['GB-seconds']?.dollars ?? 0);
  const { lambdaGigabyteSecond = 0 } = unitsOf(model);
  const modelled = model.dollars - dollarsFor({ lambdaGigabyteSecond });
  const counts = JSON.stringify({ metered: items, modelled: unitsOf(model) });
  expect(modelled / metered, counts).toBeGreaterThan(0.95);
  expect(modelled / metered, counts).toBeLessThan(1.05);
}

test('a fleet is billed for what the model says: at rest, with updates, watched', async () => {
  const fleet = await SteppedFleet.open(numbers);
  const [unopened, opened] = fleet.opening.map(reading);
  if (unopened === undefined || opened === undefined) throw new Error('the lines were not opened');
  const live = async (minutes: number, updatesPerMinute: number) => {
    const before = reading(fleet.bill);
    await fleet.live(minutes, updatesPerMinute);
    const month = monthBetween(before, reading(fleet.bill));
    return withEvery(month, ASSUMED.rotationMinutes, unopened, opened);
  };
  /** A busy machine repeats what it could not answer in time: then another time tells. */
  const expectSoon = async (metered: () => Promise<MeteredMonth>, model: Scenario) => {
    for (let left = 2; left > 0; left -= 1) {
      try {
        expectAlike(await metered(), model);
        return;
      } catch {
        // Once more.
      }
    }
    expectAlike(await metered(), model);
  };
  await expectSoon(() => live(3, 0), restingCost(quiet));
  // Receipts ride with the next report, and are gathered in the minute after that.
  await fleet.live(2, 2);
  await expectSoon(() => live(3, 2), restingCost(pushed));
  await fleet.watch();
  await fleet.live(0.5, 2);
  await expectSoon(() => live(1.5, 2), watchedCost(pushed));
  fleet.check();
});

test('stores that poll are billed for what the model says', async () => {
  const assemblyDirectory = temporaryDirectory();
  writeSampleAssembly(synthesizedAssembly(), assemblyDirectory, pollingSample);
  const { cloud, system } = await bootCloud({ assemblyDirectory });
  const stores = Array.from({ length: numbers.stores }, (_, index) => {
    const storeId = String(index + 1).padStart(4, '0');
    return new PollingStore({ storeId, url: system.managementUrl, keepsConnection: true });
  });
  const { linesPerSale, salesPerMinute } = numbers;
  const sales = (count: number) =>
    Array.from({ length: count }, () => ordinarySale(linesPerSale, Date.now()));
  /** A minute of each store, in no time. */
  const live = async (requests: number) => {
    const before = cloud.bill();
    for (const store of stores) {
      for (let request = 0; request < requests; request += 1)
        await store.sell(sales(salesPerMinute / requests));
      for (let poll = 0; poll < ASSUMED.pollsPerMinute; poll += 1) await store.poll();
    }
    const after = cloud.bill();
    return monthBetween(reading(before), reading({ ...after, seconds: before.seconds + 60 }));
  };
  await stores[0]?.poll();
  expectAlike(await live(salesPerMinute), pollingCost(quiet, 'httpRequest'));
  expectAlike(await live(1), pollingCost(quiet, 'httpRequest', true));
});
