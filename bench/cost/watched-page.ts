/**
 * How fresh the page is, as the clock goes: the reference fleet is at rest, the page is opened in a browser, and from then
 * on stores report each second. Timed are the first figures, all sales that stores had kept back by then, and single sales
 * from the till's `send` to the figure on the page.
 *
 * A sale is told from the others by its amount: probes sell in a currency of their own, of which each adds another power of two.
 */
import type { Browser, Page } from 'playwright-core';
import { createStoreClient, memoryOutbox, type StoreClient } from '../../client/node.ts';
import type { Goal, Row } from '../benchmark.ts';
import { launchBrowser } from '../chromium.ts';
import { type FleetNumbers, ordinarySale } from './reference-fleet.ts';
import { SteppedSystem } from './stepped-system.ts';

const PROBES = 20;
const ROUNDS = 10;
const ROUND_MS = 3_000;
/** A sale that is not on the page by then counts as so late. */
const PATIENCE_MS = 15_000;
/** For so long the fleet has sold, as the clock goes, when the page is opened. */
const AT_REST_MS = 40_000;
/** Sold in advance, for as long as all of this takes. */
const SOLD_MINUTES = 5;
const OWN_CURRENCY = 'CHF';

/** Takes down what the figure of the day shows, and when. */
const WATCH_FIGURE = `
  window.shown = [];
  const look = () => {
    const figure = document.querySelector('[data-figure="today"]');
    const value = figure?.querySelector('.value')?.textContent ?? '';
    if (figure === null || value === window.shown.at(-1)?.value) return;
    window.shown.push({ at: Date.now(), value, text: figure.textContent });
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
`;

interface Shown {
  at: number;
  value: string;
  text: string;
}

export async function measurePage(
  assembly: string,
  numbers: FleetNumbers,
): Promise<{ rows: Row[]; goals: Goal[] }> {
  const system = await SteppedSystem.start({ name: 'page', assembly, kind: 'reporting' }, numbers);
  const { browser, close } = await launchBrowser();
  try {
    await system.open();
    // The minute in which a new till waits for nothing, and one at rest.
    await system.live(2, 0);
    const probes = await connectProbes(system);
    await system.sell(SOLD_MINUTES);
    await inRealTime(system, () => pause(AT_REST_MS));
    const { sold } = await system.lived();
    const opening = await inRealTime(system, async () => {
      const { page, ...times } = await openPage(system, browser, sold);
      return { ...times, sales: await timeSales(page, probes, system) };
    });
    await Promise.all(probes.map(probe => probe.close()));
    return told(opening);
  } finally {
    await close();
    await system.stop();
  }
}

/** The fleet lives on while something else is done. */
async function inRealTime<T>(system: SteppedSystem, act: () => Promise<T>): Promise<T> {
  let hasEnded = false;
  const living = system.liveInRealTime(() => hasEnded);
  try {
    return await act();
  } finally {
    hasEnded = true;
    await living;
  }
}

function connectProbes({ clock, target }: SteppedSystem): Promise<StoreClient[]> {
  const { StoreEndpoint: url } = target.outputs;
  const connect = async (index: number) => {
    const storeId = `probe-${index}`;
    const token = await target.mint({ role: 'store', storeId, region: 'north', groups: [] });
    const client = createStoreClient({ url, token, clock, outbox: memoryOutbox() });
    await new Promise<void>(resolve => client.on('synced', () => resolve()));
    return client;
  };
  return Promise.all(Array.from({ length: PROBES }, (_, index) => connect(index)));
}

/** @param sold sales that there are as it is opened: stores at rest have kept some of them back */
async function openPage({ target }: SteppedSystem, browser: Browser, sold: number) {
  const token = await target.mint({ role: 'manager', name: 'bench' });
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  await page.addInitScript(
    `sessionStorage.setItem('storecast.token', ${JSON.stringify(token)});${WATCH_FIGURE}`,
  );
  const openedAt = Date.now();
  await page.goto(target.outputs.ManagementUrl, { waitUntil: 'commit' });
  const first = await shownOn(page, 0, ({ value }) => /\d/.test(value));
  const whole = await shownOn(page, 0, ({ text }) => receiptsIn(text) >= sold);
  return { page, firstMs: first - openedAt, wholeMs: whole - openedAt };
}

/** Milliseconds that each sale took to the page. */
async function timeSales(page: Page, probes: readonly StoreClient[], { clock }: SteppedSystem) {
  const sell = (probe: StoreClient, amount: number) => {
    const sale = ordinarySale(1, clock.now());
    const lines = [{ sku: 'PROBE', quantity: 1, unitPrice: amount }];
    const tenders = [{ type: 'card' as const, amount }];
    void probe.send({ ...sale, currency: OWN_CURRENCY, total: amount, lines, tenders });
    return Date.now();
  };
  const [first] = probes;
  if (first === undefined) return [];
  sell(first, 1);
  const choice = page.getByRole('group', { name: 'Currency of all figures' });
  await choice.getByText(OWN_CURRENCY).click({ timeout: PATIENCE_MS });
  await shownOn(page, 0, ({ value }) => value.startsWith(OWN_CURRENCY));
  const times: number[] = [];
  let base = 1;
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = Date.now();
    const all = probes.map(async (probe, index) => {
      await pause(Math.random() * ROUND_MS);
      const soldAt = sell(probe, 2 ** index);
      const isThere = ({ value }: Shown) => Math.floor((minorUnits(value) - base) / 2 ** index) % 2 === 1;
      return (await shownOn(page, from, isThere)) - soldAt;
    });
    times.push(...(await Promise.all(all)));
    base += 2 ** probes.length - 1;
  }
  return times;
}

/** When the page has shown so, first of all since then. */
async function shownOn(page: Page, since: number, isIt: (shown: Shown) => boolean): Promise<number> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const shown = (await page.evaluate('window.shown')) as Shown[];
    const found = shown.find(one => one.at >= since && isIt(one));
    if (found !== undefined) return found.at;
    await pause(100);
  }
  return deadline;
}

/** `1,234 receipts` */
function receiptsIn(text: string): number {
  return Number(/([\d,]+) receipt/.exec(text)?.[1]?.replaceAll(',', '') ?? 0);
}

/** `CHF 1,234.56` */
function minorUnits(value: string): number {
  return Number(value.replace(/\D/g, ''));
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

function told(measured: { firstMs: number; wholeMs: number; sales: readonly number[] }) {
  const sales = [...measured.sales].sort((one, other) => one - other);
  const share = (part: number) => sales[Math.ceil(sales.length * part) - 1] ?? Number.NaN;
  const row = (variant: string, ms: number): Row => ({ variant, median: ms, unit: 'ms', runs: [ms] });
  const goal = (what: string, ms: number, moonshot: number): Goal => ({
    ...{ what, value: ms / 1000, unit: ' s', must: 2, moonshot, better: 'less' },
  });
  const [p50, p99] = [share(0.5), share(0.99)];
  return {
    rows: [
      row('watched: a sale on the page, p50', p50),
      row('watched: a sale on the page, p99', p99),
      row('the page opens: first figures', measured.firstMs),
      row('the page opens: with all that stores at rest kept back', measured.wholeMs),
    ],
    goals: [
      goal('watched: a sale on the page, p99', p99, 1.2),
      goal("the page opens: every store's figures", measured.wholeMs, 1),
    ],
  };
}
