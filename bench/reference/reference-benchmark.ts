/** (0) The article's own case: 1,000 stores that sell and hear of prices, over a polled REST API and over the line. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../cli/synthesize.ts';
import { loadTarget } from '../../cli/target.ts';
import type { Options } from '../bench-options.ts';
import { Comparison, type Outcome } from '../benchmark.ts';
import { startPart } from '../processes.ts';
import { type Sample, writeSampleAssembly } from '../sample-assembly.ts';
import { idNow, SALES_PER_MINUTE, STORES, type Tally } from './day.ts';

export const title = `${STORES} stores, ${SALES_PER_MINUTE} sales a minute each, a price and an offer a minute: a polled REST API against the line`;

const A_CONNECTION_A_REQUEST = 'REST, a connection a request';
const KEPT = 'REST, keep-alive';
const LINE = 'storecast, a line a store';
/** So early that every store polls once more before the minute ends. */
const PRICE_AFTER_MS = 6_000;
const OFFER_AFTER_MS = 24_000;

const restSample: Sample = {
  function: 'ManagementFunction',
  policy: 'ManagementFunctionRole',
  code: new URL('rest-sample', import.meta.url),
  action: 'dynamodb:PutItem',
  table: 'TablesSalesTable',
  isRead: false,
};

/** The variants take turns, a fresh cloud and fleet each. */
export async function run({ minutes = 1 }: Options): Promise<Outcome> {
  const assembly = await synthesize();
  const sampleAssembly = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
  try {
    writeSampleAssembly(assembly, sampleAssembly, restSample);
    const day = new Day();
    day.add(A_CONNECTION_A_REQUEST, await live(sampleAssembly, 'rest-stores', 'anew', minutes), minutes);
    day.add(KEPT, await live(sampleAssembly, 'rest-stores', 'kept', minutes), minutes);
    day.add(LINE, await live(assembly, 'line-stores', '', minutes), minutes);
    return { rows: day.rows(), goals: [] };
  } finally {
    rmSync(sampleAssembly, { recursive: true });
  }
}

type Lived = Tally & { serverCpuMs: number };

async function live(assembly: string, kind: string, connection: string, minutes: number): Promise<Lived> {
  const cloud = startPart(new URL('../broadcast/cloud.ts', import.meta.url), { args: [assembly] });
  const outputsFile = (await cloud.ask('outputs file')) as string;
  const module = new URL(`${kind}.ts`, import.meta.url);
  const stores = startPart(module, { args: [outputsFile, connection] });
  try {
    await stores.ask('connect');
    const before = (await cloud.ask('cpu')) as NodeJS.CpuUsage;
    const lived = stores.ask({ live: minutes }) as Promise<Tally>;
    await publishEachMinute(outputsFile, minutes);
    const tally = await lived;
    const after = (await cloud.ask('cpu')) as NodeJS.CpuUsage;
    const serverCpuMs = (after.user + after.system - before.user - before.system) / 1000;
    checkNothingMissing(kind, tally, minutes);
    return { ...tally, serverCpuMs };
  } finally {
    await stores.stop();
    await cloud.ask('stop');
    await cloud.stop();
  }
}

/** A price and an offer, both to every store. */
async function publishEachMinute(outputsFile: string, minutes: number): Promise<void> {
  const target = loadTarget(outputsFile);
  const prices = [{ sku: '4006381333931', amount: 199, currency: 'EUR' }];
  const startedAt = performance.now();
  const until = (ms: number) =>
    new Promise(resolve => setTimeout(resolve, Math.max(0, startedAt + ms - performance.now())));
  for (let minute = 0; minute < minutes; minute += 1) {
    await until(minute * 60_000 + PRICE_AFTER_MS);
    await target.putEvent('bench', 'PriceChanged', { updateId: idNow(), prices });
    await until(minute * 60_000 + OFFER_AFTER_MS);
    await target.putEvent('bench', 'OfferPublished', {
      updateId: idNow(),
      offerId: `offer-${minute}`,
      title: 'Ten percent off',
      skus: ['4006381333931'],
      discount: { percent: 10 },
      validUntil: new Date(Date.now() + 3_600_000).toISOString(),
    });
  }
}

/** A fleet that gave up would look cheap. */
function checkNothingMissing(kind: string, { delays, failed }: Tally, minutes: number): void {
  const expected = STORES * 2 * Math.ceil(minutes);
  if (failed > 0) console.error(`${kind}: ${failed} sales or polls failed`);
  if (delays.length !== expected)
    console.error(`${kind}: ${delays.length} of ${expected} updates were heard of`);
}

/** Each figure of each variant, held against a connection a request; all a minute. */
class Day {
  readonly #figures = new Map<string, Comparison>();

  add(variant: string, lived: Lived, minutes: number): void {
    const delays = lived.delays.sort((one, other) => one - other);
    const at = (share: number) => delays[Math.ceil(delays.length * share) - 1] ?? Number.NaN;
    this.#add('connections opened', 'connections', variant, lived.connections);
    this.#add('from the stores', 'requests or messages a minute', variant, lived.asked / minutes);
    this.#add('to the stores', 'answers or messages a minute', variant, lived.received / minutes);
    this.#add('on the wire', 'KB a minute', variant, lived.bytes / 1000 / minutes);
    this.#add('CPU of the cloud', 'ms a minute', variant, lived.serverCpuMs / minutes);
    this.#add('CPU of the stores', 'ms a minute', variant, lived.cpuMs / minutes);
    this.#add('a store hears of news, p50', 'ms', variant, at(0.5));
    this.#add('a store hears of news, p99', 'ms', variant, at(0.99));
  }

  #add(figure: string, unit: string, variant: string, value: number): void {
    const nameOf = (name: string) => `${figure}: ${name}`;
    const comparison = this.#figures.get(figure) ?? new Comparison(unit, nameOf(A_CONNECTION_A_REQUEST));
    comparison.add(nameOf(variant), value);
    this.#figures.set(figure, comparison);
  }

  rows() {
    return [...this.#figures.values()].flatMap(comparison => comparison.rows());
  }
}
