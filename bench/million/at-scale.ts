/**
 * What each function takes of a fleet of any size: what was measured at two sizes, drawn out in a straight line, times how
 * often it happens. Messages, sizes and paces are the code's own numbers.
 */
import { ASSUMED } from '../../cli/cost/assumed.ts';
import { defaultConfiguration } from '../../lib/settings/configuration.ts';
import { type FleetSize, fleetSize } from '../../lib/settings/fleet-size.ts';
import { watchedReportMsOf } from '../../lib/settings/quotas.ts';
import { dollarsFor, invocationOf } from '../../local/billing/prices.ts';
import type { PathName, Taken } from './paths.ts';

export type Measured = readonly [
  { stores: number; taken: Record<PathName, Taken> },
  { stores: number; taken: Record<PathName, Taken> },
];

/** A row of the table. */
export interface Work extends Taken {
  what: string;
  by: FunctionName;
  messages: number;
  dollars: number;
  /** Of one invocation: what must fit into its timeout. */
  longestSeconds: number;
}

/** Posts a second, and at once. */
export const PACE = { rate: defaultConfiguration.postsPerSecond, burst: defaultConfiguration.postBurst };
const none = { reads: 0, writes: 0, seconds: 0 };
/** What the page asks for at once, and how often it loads the stores anew (page/api.ts, page/feed.ts). */
const PAGE_STORES = 1_000;
/** Partitions of the registry whose stores are read at once (lambdas/registry/connections.ts). */
const SHARDS_AT_ONCE = 8;
/** A tenth of a millisecond of rest for each store that was read (lambdas/receipts/reading-pace.ts). */
const STORES_READ_A_SECOND = 10_000;
/** What it is given to tell the pace (lambdas/live/tell-pace.ts). */
const TELLING_SECONDS = 30;
/** Memory of the functions, in MB (lib/). */
const MEMORY = {
  default: 256,
  gauge: 256,
  gather: 512,
  drift: 512,
  live: 512,
  outbound: 512,
  management: 1_769,
  broadcast: 1_769,
};
export type FunctionName = keyof typeof MEMORY;

export function at(stores: number, measured: Measured): Work[] {
  const size = fleetSize(stores);
  const taken = (path: PathName) => drawnOut(path, stores, measured);
  const delivery = taken('delivery');
  const looks = Math.min(60, (60 * STORES_READ_A_SECOND) / stores);
  return [
    posts(stores, size, taken('registry')),
    work('one update: looking for `UpdateDelivered` while stores are pending, each 15 s', 'outbound', {
      ...{ one: firstParts(delivery, size), times: 4 },
    }),
    work('one update: `UpdateDelivered` is found', 'outbound', { one: delivery }),
    work('one minute of reports with a receipt each', 'default', {
      ...{ one: scaled(taken('reports'), 1 / stores), times: stores, messages: 2 * stores },
    }),
    work('one minute of receipts is gathered', 'gather', { one: taken('gather') }),
    work('a minute: the gauge `Connected`', 'gauge', { one: taken('gauge') }),
    work('in its place, not built: a counter, a write for each line that opens or closes', 'gauge', {
      one: { reads: 0, writes: (2 * stores) / ASSUMED.rotationMinutes, seconds: 0 },
    }),
    work('a minute: books are compared', 'drift', { one: scaled(taken('books'), 1 / size.fleetParts) }),
    work('one page of `GET /stores`, 100 stores', 'management', { one: taken('page') }),
    work('`GET /updates/{id}/delivery`', 'management', { one: delivery }),
    work('one open page, a minute: its list of stores', 'management', {
      ...{ one: taken('largePage'), times: Math.ceil(stores / PAGE_STORES) },
    }),
    work('one open page, a minute: the delivery of an update, as often as it is pushed', 'live', {
      ...{ one: delivery, times: looks, messages: looks },
    }),
    pageOpened(stores, taken('registry')),
  ];
}

function work(
  what: string,
  by: FunctionName,
  { messages = 0, one, times = 1 }: { one: Taken; times?: number; messages?: number },
): Work {
  const all = scaled(one, times);
  const compute = invocationOf(all.seconds * 1_000, MEMORY[by]);
  const dollars = dollarsFor({ read: all.reads, write: all.writes, message: messages, ...compute });
  return { what, by, ...all, messages, dollars, longestSeconds: one.seconds };
}

/** The first worker reads the first page of each partition, each other one its own again; all wait for turns until the end. */
function posts(stores: number, { workers }: FleetSize, registry: Taken): Work {
  const seconds = postSeconds(stores);
  const one = { ...registry, reads: registry.reads * (workers > 1 ? 2 : 1), seconds: seconds * workers };
  const all = work('one update: its posts', 'broadcast', { one, messages: stores });
  return { ...all, longestSeconds: seconds };
}

/** As many stores as it has time for; none where they can report no sooner than at rest. */
function pageOpened(stores: number, registry: Taken): Work {
  const what = 'a page is opened: stores hear the pace';
  if (watchedSeconds(stores) >= defaultConfiguration.restingReportSeconds)
    return work(what, 'broadcast', { one: none });
  const seconds = Math.min(TELLING_SECONDS, postSeconds(stores));
  const messages = Math.min(stores, PACE.burst + PACE.rate * TELLING_SECONDS);
  return work(what, 'broadcast', { one: { ...registry, seconds }, messages });
}

/** Between the reports of a store while somebody watches. */
export function watchedSeconds(stores: number): number {
  return watchedReportMsOf(stores, defaultConfiguration) / 1_000;
}

function postSeconds(stores: number): number {
  return Math.max(0, stores - PACE.burst) / PACE.rate;
}

/** The parts that are read at once: a store is pending among them. */
function firstParts(whole: Taken, { connectionShards, fleetParts }: FleetSize): Taken {
  const atOnce = Math.max(1, Math.floor((fleetParts * SHARDS_AT_ONCE) / connectionShards));
  return fleetParts === 1 ? whole : scaled(whole, Math.min(1, atOnce / fleetParts));
}

function scaled({ reads, seconds, writes }: Taken, times: number): Taken {
  return { reads: reads * times, seconds: seconds * times, writes: writes * times };
}

/** A page of stores is one of any fleet, but for a unit of each partition that is asked for what it has of it. */
function drawnOut(path: PathName, stores: number, [small, large]: Measured): Taken {
  if (path === 'page' || path === 'largePage') {
    const more = fleetSize(stores).connectionShards - fleetSize(large.stores).connectionShards;
    const taken = large.taken[path];
    return { ...taken, reads: taken.reads + Math.max(0, more) };
  }
  const through = (of: keyof Taken) => {
    const [one, other] = [small.taken[path][of], large.taken[path][of]];
    const each = (other - one) / (large.stores - small.stores);
    return Math.max(0, other + each * (stores - large.stores));
  };
  return { reads: through('reads'), writes: through('writes'), seconds: through('seconds') };
}
