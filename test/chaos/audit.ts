/** What was lost: the chain by its HTTP API against what tills printed and stores applied. Empty is as it should be. */

import { setTimeout } from 'node:timers/promises';
import type { Target } from '../../cli/target.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import type { DeadLetterOffice } from './dead-letters.ts';
import type { Marketing, Publication } from './marketing.ts';
import type { Identity, Sum, Till } from './till.ts';

export interface Evidence {
  target: Target;
  tills: readonly Till[];
  marketing: Marketing;
  office: DeadLetterOffice;
  from: Date;
}

interface Total extends Sum {
  currency: string;
  [by: string]: unknown;
}

interface Report {
  targeted: number;
  applied: number;
}

/** Of an update as the HTTP API tells it. */
interface Published {
  updateId: string;
  kind: string;
  publishedAt: string;
  validFrom: string | null;
  data: { prices?: { sku: string; amount: number }[]; offerId?: string };
}

/** Between a till's measure of the chain's clock and that clock. */
const CLOCKS_DIFFER_MS = 500;

/** What has not come yet; it may still be under way. */
export function openMatters({ marketing, office, tills }: Omit<Evidence, 'target' | 'from'>): string[] {
  return [
    ...tills
      .filter(({ client }) => client.unsent > 0)
      .map(till => `sales of ${name(till)} are unsent: ${till.state}`),
    ...tills.flatMap(till => unappliedBy(till, marketing)),
    ...[...marketing.poisons]
      .filter(([source]) => !office.reasons.has(source))
      .map(([source, { type }]) => `${type} of ${source} is not with the dead letters`),
  ];
}

/** One matter a receipt. */
export async function pendingReceipts(
  chain: Pick<Evidence, 'target'>,
  { accepted }: Marketing,
): Promise<string[]> {
  const open: string[] = [];
  for (const id of accepted.keys()) {
    const { applied, targeted } = await reportOf(chain, id);
    for (let missing = applied; missing < targeted; missing += 1) open.push(`a receipt of ${id} is missing`);
  }
  return open;
}

/** To be asked once nothing is open. */
export async function audit(evidence: Evidence): Promise<string[]> {
  return [
    ...(await wrongTotals(evidence)),
    ...(await wrongBooks(evidence)),
    ...(await wrongReports(evidence)),
    ...beyondRepair(evidence),
  ];
}

/** What nothing that is still on its way can mend. */
export function beyondRepair({ marketing, office, tills }: Evidence): string[] {
  return [
    ...tills.flatMap(till =>
      till.client.refused.map(({ sale }) => `${sale.saleId} of ${name(till)} was refused`),
    ),
    ...tills.flatMap(till => appliedTwice(till)),
    ...tills.flatMap(till => till.endings.map(ending => `${name(till)} was told that it is ${ending}`)),
    ...[...marketing.poisons].flatMap(([source, { reason }]) => {
      const given = office.reasons.get(source);
      return given === undefined || reason.test(given) ? [] : [`${source} has the wrong reason: ${given}`];
    }),
    ...office.strangers.map(letter => `a dead letter of nobody: ${letter}`),
  ];
}

export async function reportOf({ target }: Pick<Evidence, 'target'>, updateId: string): Promise<Report> {
  return target.api.call(operations.getDelivery, { parameters: { id: updateId }, query: { limit: 1 } });
}

export function reaches(
  { detail: { audience } }: Publication,
  { groups, region, storeId }: Identity,
): boolean {
  if (audience === undefined) return true;
  const { groups: toGroups = [], regions = [], stores = [] } = audience;
  return (
    stores.includes(storeId) ||
    (region !== undefined && regions.includes(region)) ||
    groups.some(group => toGroups.includes(group))
  );
}

function unappliedBy(till: Till, { accepted }: Marketing): string[] {
  return [...accepted]
    .filter(([id, publication]) => reaches(publication, till.identity) && !till.applications.has(id))
    .map(([id]) => `${id} has not reached ${name(till)}`);
}

function appliedTwice(till: Till): string[] {
  return [...till.applications]
    .filter(([, times]) => times > 1)
    .map(([id, times]) => `${id} was applied ${times} times by ${name(till)}`);
}

async function wrongTotals({ from, target, tills }: Evidence): Promise<string[]> {
  const printed = new Map<string, Sum>();
  for (const till of tills) for (const [key, sum] of till.printed) add(printed, key, sum);
  const range = { from: from.toISOString(), to: new Date(Date.now() + 60_000).toISOString() };
  const counted = new Map<string, Sum>();
  for (const by of ['store', 'region', 'sku', 'minute']) {
    const items: Total[] = await target.api.list(operations.salesTotals, { query: { by, ...range } });
    for (const total of items) add(counted, `${by} ${total[by]} ${total.currency}`, total);
  }
  return [...new Set([...printed.keys(), ...counted.keys()])].flatMap(key => {
    const [was, is] = [describe(printed.get(key)), describe(counted.get(key))];
    return was === is ? [] : [`${key}: tills printed ${was}, the chain counts ${is}`];
  });
}

/** By the contract's words alone: of the prices in force the one that took effect last, of an offer's events the last. */
async function wrongBooks({ marketing, target, tills }: Evidence): Promise<string[]> {
  const updates: Published[] = [];
  for (const id of marketing.accepted.keys()) {
    const update = await target.api.call(operations.getUpdate, { parameters: { id } });
    updates.push(update as Published);
  }
  const lastEffectAt = Math.max(0, ...updates.map(({ validFrom }) => Date.parse(validFrom ?? '') || 0));
  await setTimeout(Math.max(0, lastEffectAt + CLOCKS_DIFFER_MS - Date.now()));
  return tills.flatMap(till => {
    const own = updates.filter(({ updateId }) => {
      const publication = marketing.accepted.get(updateId);
      return publication !== undefined && reaches(publication, till.identity);
    });
    const [should, is] = [expectedBook(own), bookOf(till)];
    return should === is ? [] : [`${name(till)} holds ${is} instead of ${should}`];
  });
}

function expectedBook(updates: readonly Published[]): string {
  const prices = new Map<string, string>();
  const offers = new Map<string, Published>();
  for (const update of [...updates].sort(byEffect))
    for (const { amount, sku } of update.data.prices ?? []) prices.set(sku, `${update.updateId} ${amount}`);
  for (const update of [...updates].sort(byPublication))
    if (update.data.offerId !== undefined) offers.set(update.data.offerId, update);
  const active = [...offers.values()].filter(({ kind }) => kind === 'offer.published');
  return book(
    [...prices],
    active.map(({ updateId }) => updateId),
  );
}

function bookOf({ client }: Till): string {
  const prices = client.book.skus().flatMap(sku => {
    const price = client.price(sku);
    return price === undefined ? [] : [[sku, `${price.updateId} ${price.amount}`] as const];
  });
  return book(
    prices,
    client.offers().map(({ updateId }) => updateId),
  );
}

function book(prices: readonly (readonly [string, string])[], offers: readonly string[]): string {
  return JSON.stringify([
    Object.fromEntries([...prices].sort(([a], [b]) => (a < b ? -1 : 1))),
    [...offers].sort(),
  ]);
}

async function wrongReports(evidence: Evidence): Promise<string[]> {
  const wrong: string[] = [];
  for (const [id, publication] of evidence.marketing.accepted) {
    const { applied, targeted } = await reportOf(evidence, id);
    const reached = evidence.tills.filter(till => reaches(publication, till.identity)).length;
    if (targeted !== reached || applied !== reached)
      wrong.push(`the report of ${id} says ${applied} of ${targeted} applied, and it went to ${reached}`);
  }
  return wrong;
}

// ISO 8601 times of one form compare as text.
const byPublication = (a: Published, b: Published) => (rank(a) < rank(b) ? -1 : 1);
const byEffect = (a: Published, b: Published) =>
  `${effectOf(a)} ${rank(a)}` < `${effectOf(b)} ${rank(b)}` ? -1 : 1;
/** A price that takes effect in the past does so by its publication. */
const effectOf = ({ publishedAt, validFrom }: Published) =>
  validFrom !== null && validFrom > publishedAt ? validFrom : publishedAt;
const rank = ({ publishedAt, updateId }: Published) => `${publishedAt} ${updateId}`;
const name = ({ identity }: Till) => `store ${identity.storeId}`;
const describe = (sum: Sum | undefined) => (sum === undefined ? 'nothing' : `${sum.count} for ${sum.amount}`);

function add(sums: Map<string, Sum>, key: string, { amount, count }: Sum): void {
  const sum = sums.get(key) ?? { count: 0, amount: 0 };
  sums.set(key, { count: sum.count + count, amount: sum.amount + amount });
}
