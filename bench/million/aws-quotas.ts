/** AWS's quotas as its documentation has them, and what a fleet needs of each. */
import { ASSUMED } from '../../cli/cost/assumed.ts';
import { fleetSize } from '../../lib/settings/fleet-size.ts';
import { PACE } from './at-scale.ts';
import type { Taken } from './paths.ts';

export interface Quota {
  what: string;
  /** The default, a second where it is a rate. */
  given: number;
  /** Title of AWS's page. */
  page: string;
  needed: (stores: number) => number;
}

const API_GATEWAY = 'Amazon API Gateway quotas';
const WEBSOCKET = 'Quotas for configuring and running a WebSocket API in API Gateway';
const LAMBDA = 'Lambda quotas';
const DYNAMODB = 'Quotas in Amazon DynamoDB';

/** Of the account's requests what the stores' line may have, and what posts may (lib/settings/quotas.ts). */
const SHARES = { line: 0.4, posts: 0.45 };
/** Seven a minute. Beyond the quota stores gather them for longer (lib/settings/quotas.ts). */
const SALES_A_SECOND = 7 / 60;
/** In which everybody is back after an outage of the network, and an update has reached everybody. */
const BACK_SECONDS = 600;
const REACHED_SECONDS = 60;
/** Authorizer, `$connect`, and the first sync. */
const INVOCATIONS_OF_A_LINE = 3;

/** @param perStore what a minute of one store draws of all tables, with a receipt */
export function quotasOf(perStore: Pick<Taken, 'writes'>): Quota[] {
  const seconds = ASSUMED.invocation.milliseconds / 1_000;
  const newLines = (stores: number) => stores / BACK_SECONDS;
  const posts = (stores: number) => Math.max(0, stores - PACE.burst) / REACHED_SECONDS;
  return [
    {
      what: 'API Gateway: requests a second, for a report a store and minute',
      given: 10_000,
      page: API_GATEWAY,
      needed: stores => stores / 60 / SHARES.line,
    },
    {
      what: 'API Gateway: requests a second, while somebody watches and each sale comes by itself',
      given: 10_000,
      page: API_GATEWAY,
      needed: stores => (stores * SALES_A_SECOND) / SHARES.line,
    },
    {
      what: `API Gateway: requests a second, for an update at every store within ${REACHED_SECONDS} s`,
      given: 10_000,
      page: API_GATEWAY,
      needed: stores => posts(stores) / SHARES.posts,
    },
    {
      what: `API Gateway: new connections a second, all back within ${BACK_SECONDS / 60} minutes`,
      given: 500,
      page: WEBSOCKET,
      needed: newLines,
    },
    {
      what: 'Lambda: concurrent executions, for reports, workers of a broadcast and new lines',
      given: 1_000,
      page: LAMBDA,
      needed: stores =>
        (stores / 60 + newLines(stores) * INVOCATIONS_OF_A_LINE) * seconds + fleetSize(stores).workers,
    },
    {
      what: 'DynamoDB: write units a second of a table, for where stores stand and their receipts (two tables)',
      given: 40_000,
      page: DYNAMODB,
      needed: stores => (stores * perStore.writes) / 2 / 60,
    },
  ];
}

/** The size at which a fleet needs all that is given. */
export function metAt({ given, needed }: Quota): number {
  let [fits, exceeds] = [0, 1_000_000_000];
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (needed(middle) <= given) fits = middle;
    else exceeds = middle;
  }
  return fits;
}
