/** Lines of a bill: how often something happens in a month, and what it takes each time. */
import { dollarsFor, invocationOf, MINUTES_PER_MONTH, type PriceName } from '../../local/billing/prices.ts';
import { ASSUMED } from './assumed.ts';

export interface Fleet {
  stores: number;
  /** Of one store. */
  salesPerMinute: number;
  linesPerSale: number;
  /** Each to every store. */
  updatesPerDay: number;
}

export type Units = Partial<Record<PriceName, number>>;

export interface CostLine {
  item: string;
  /** How the dollars come about; `npx storecast cost` prints the prices below. */
  formula: string;
  dollars: number;
  /** What is billed for it in a month. */
  units: Units;
}

export interface Scenario {
  scenario: string;
  dollars: number;
  lines: CostLine[];
}

/** What one event takes; an invocation is one as assumed. */
export type Work = Partial<Record<PriceName | 'invocation', number>>;

/** A frame, its answer and what answers it. */
export const FRAME: Work = { message: 2, invocation: 1 };

export function storeMinutes({ stores }: Fleet): number {
  return stores * MINUTES_PER_MONTH;
}

export function updatesPerMinute({ updatesPerDay }: Fleet): number {
  return updatesPerDay / 1_440;
}

/** Of `windows` in a minute those in which something happens, where `events` happen at random times. */
export function busyWindows(events: number, windows: number): number {
  return windows * (1 - Math.exp(-events / windows));
}

export function scenario(name: string, lines: CostLine[]): Scenario {
  return { scenario: name, dollars: lines.reduce((sum, { dollars }) => sum + dollars, 0), lines };
}

/** Somebody watches for so many hours of a day. */
export function watchedFor(hours: number, resting: Scenario, watched: Scenario): Scenario {
  const part = (item: string, { dollars }: Scenario, ofDay: number): CostLine => ({
    item,
    formula: `${ofDay} of 24 hours`,
    dollars: (dollars * ofDay) / 24,
    units: {},
  });
  return scenario(`watched ${hours} hours a day`, [
    part('at rest', resting, 24 - hours),
    part('watched', watched, hours),
  ]);
}

/** Dollars a month for sales that are stored and backed up, once so many days of them are there. */
export function keptSales({ lines }: Scenario, days: number): number {
  const sales = lines.filter(({ item }) => item.startsWith('sales'));
  const bytes = sales.reduce(
    (sum, { units: { backedUpByte = 0, storedByte = 0 } }) => sum + dollarsFor({ backedUpByte, storedByte }),
    0,
  );
  return (bytes * days * 1_440) / MINUTES_PER_MONTH;
}

/** All that is billed for a scenario, by unit. */
export function unitsOf({ lines }: Scenario): Units {
  const sum: Units = {};
  for (const { units } of lines) add(sum, units, 1);
  return sum;
}

export function line(item: string, times: number, { invocation = 0, ...work }: Work): CostLine {
  const { milliseconds, memoryMegabytes } = ASSUMED.invocation;
  const units: Units = {};
  add(units, work, times);
  add(units, invocationOf(milliseconds, memoryMegabytes), times * invocation);
  const parts = Object.entries({ ...work, ...(invocation > 0 ? { invocation } : {}) });
  const formula = parts.map(([name, count]) => `${round(count)} ${name}`).join(' + ');
  return { item, formula: `${round(times)} × (${formula})`, dollars: dollarsFor(units), units };
}

function add(sum: Units, units: Units, times: number): void {
  for (const [name, count] of Object.entries(units) as [PriceName, number][])
    sum[name] = (sum[name] ?? 0) + count * times;
}

function round(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: number < 100 ? 2 : 0 });
}
