/**
 * (i) What a month costs: the fleet on the line, at rest and watched, beside stores that poll, on the local cloud's own meter.
 *
 * How it is measured: each variant has a cloud and a fleet in processes of their own, whose clocks somebody moves on by 0.4
 * seconds whenever every question of a store is answered: cloud, Lambdas, schedules and the stores' client library live
 * their minutes as fast as the machine can. Nothing else is simulated. After some minutes to warm up the bill is read, the
 * fleet lives its minutes, and the bill is read again: a month is 43,830 of such minutes. What it takes to open the lines
 * is metered as well, and counts once in 110 minutes. `20 updates a day` is 20/2,880 of the way from a fleet without
 * updates to the one with two a minute, since ten minutes have none or too many. What is watched or polls a sale a
 * request takes many times as long, and its minutes are all alike: it lives fewer of them.
 *
 * A REST API is the same Lambda behind an HTTP API, with its requests priced as a REST API's. What the machine decides is
 * CPU and GB-seconds. Hours that are rolled up are not in ten minutes. What is paid for the watched fleet is how fresh its
 * page is, which is timed last, as the clock goes (watched-page.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../cli/synthesize.ts';
import type { Options } from '../bench-options.ts';
import type { Goal, Outcome, Row } from '../benchmark.ts';
import { writeSampleAssembly } from '../sample-assembly.ts';
import { meter, type Variant } from './metered-fleet.ts';
import { atRestPrice, between, type MeteredMonth } from './metered-month.ts';
import { pollingSample } from './polling-sample.ts';
import { REFERENCE } from './reference-fleet.ts';
import { measurePage } from './watched-page.ts';

export const title = `A month of ${REFERENCE.stores} stores, ${REFERENCE.salesPerMinute} sales a minute each, by the local cloud's bill`;

const MINUTES = 10;
/** Of a fleet whose minutes are all alike, and of one that sends a frame or a request a sale. */
const EVEN_SHARE = 0.5;
const BUSY_SHARE = 0.1;
const UPDATES_PER_MINUTE = 2;
const UPDATES_PER_DAY = 20;

export async function run({ minutes = MINUTES, stores = REFERENCE.stores }: Options): Promise<Outcome> {
  const assembly = await synthesize();
  const sampleAssembly = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
  try {
    writeSampleAssembly(assembly, sampleAssembly, pollingSample);
    const metered = async (variant: Omit<Variant, 'minutes'> & { share?: number }) => {
      const startedAt = performance.now();
      // A part of a minute has more requests than its part of sales.
      const whole = Math.max(1, Math.round(minutes * (variant.share ?? 1)));
      const own = { ...variant, minutes: whole };
      const month = await meter(own, { ...REFERENCE, stores });
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.log(`  ${own.name}: ${own.minutes} minutes in ${seconds} s`);
      return month;
    };
    const line = { assembly, kind: 'reporting', updatesPerMinute: UPDATES_PER_MINUTE } as const;
    const polled = { ...line, assembly: sampleAssembly };
    const pushed = await metered({ ...line, name: 'at rest' });
    const quiet = await metered({ ...line, name: 'without updates', updatesPerMinute: 0, share: EVEN_SHARE });
    const watched = await metered({ ...line, name: 'watched', isWatched: true, share: BUSY_SHARE });
    const rest = await metered({ ...polled, name: 'polled', kind: 'polling', share: BUSY_SHARE });
    const gathered = await metered({ ...polled, name: 'gathered', kind: 'gathering', share: EVEN_SHARE });
    const bill = outcomeOf({
      atRest: pushed,
      seldom: between(quiet, pushed, UPDATES_PER_DAY / (UPDATES_PER_MINUTE * 1_440)),
      watched,
      rest: atRestPrice(rest),
      gathered,
    });
    const page = await measurePage(assembly, { ...REFERENCE, stores });
    return { rows: [...bill.rows, ...page.rows], goals: [...bill.goals, ...page.goals] };
  } finally {
    rmSync(sampleAssembly, { recursive: true });
  }
}

type Months = Record<'atRest' | 'seldom' | 'watched' | 'rest' | 'gathered', MeteredMonth>;

const NAMES: Record<keyof Months, string> = {
  atRest: 'at rest, two updates a minute',
  seldom: 'at rest, 20 updates a day',
  watched: 'watched, two updates a minute',
  rest: 'polled REST API, a sale a request',
  gathered: "polled HTTP API, a minute's sales a request",
};

function outcomeOf(months: Months): Outcome {
  printItems(months);
  const rows = (figure: string, unit: string, of: (month: MeteredMonth) => number): Row[] =>
    (Object.keys(NAMES) as (keyof Months)[]).map(key => {
      const value = of(months[key]);
      return { variant: `${figure}: ${NAMES[key]}`, median: value, unit, runs: [value] };
    });
  const sent = ({ items }: MeteredMonth) => (items['bytes sent']?.count ?? 0) / 1024 ** 3;
  return {
    rows: [
      ...rows('a month', '$', ({ dollars }) => dollars),
      ...rows('sent to stores a month', 'GB', sent),
      ...rows('CPU of the cloud', 'ms a minute', ({ cpuMs }) => cpuMs),
    ],
    goals: goalsOf(months),
  };
}

function goalsOf({ atRest, gathered, rest, seldom, watched }: Months): Goal[] {
  const dollars = (what: string, one: MeteredMonth, other: MeteredMonth, must: number, moonshot: number) => ({
    what: `dollars, ${what}`,
    ...{ value: one.dollars / other.dollars, unit: '×', must, moonshot, better: 'less' as const },
  });
  return [
    dollars('at rest against a polled REST API, a request a sale', atRest, rest, 0.17, 0.1),
    dollars('at rest against a polled HTTP API that gathers sales alike', atRest, gathered, 1, 0.75),
    dollars('the same with 20 updates a day', seldom, gathered, 0.6, 0.45),
    dollars('watched around the clock against the polled REST API', watched, rest, 0.6, 0.4),
    {
      what: "the local cloud's CPU a minute, at rest against the polled REST API",
      ...{ value: atRest.cpuMs / rest.cpuMs, unit: '×', must: 0.5, moonshot: 0.25, better: 'less' as const },
    },
  ];
}

/** Where the dollars go. */
function printItems(months: Months): void {
  const columns = Object.entries(months).map(([key, month]) => [NAMES[key as keyof Months], month] as const);
  const items = Object.keys(months.atRest.items).map(item => [
    item,
    Object.fromEntries(
      columns.map(([name, { items: of }]) => {
        const { count = 0, dollars = 0 } = of[item] ?? {};
        return [name, `$${dollars.toFixed(2)} (${(count / 1_000_000).toFixed(1)} M)`];
      }),
    ),
  ]);
  console.table(Object.fromEntries(items));
}
