/**
 * The HTTP API of head office: every operation with its query parameters and its answer. The server answers by these
 * types, the page and the command line read by these schemas.
 */
import * as v from 'valibot';
import { FlattenedJws } from '../identity/jws.ts';
import { describeIssues } from '../issues.ts';
import type { Sale } from '../sales/sale.ts';
import type { Grouping } from '../sales/sales-sums.ts';
import { PlacementChange, Publication } from './http-bodies.ts';
import {
  AnyAudit,
  AnyTotal,
  type AuditBy,
  type AuditGrouping,
  auditBy,
  type TotalBy,
  totalsBy,
} from './sales-answers.ts';
import { PublicationAnswer, Rollout } from './staging-answers.ts';
import { DriftItem, StorePrice } from './trust-answers.ts';
import { Delivery, PublishedUpdate, UpdateSummary } from './update-answers.ts';

export {
  DELIVERY_STATES,
  Delivery,
  type DeliveryCounts,
  type DeliveryState,
  PublishedUpdate,
  type StoreDelivery,
  UpdateSummary,
} from './update-answers.ts';

type Schema<A> = v.GenericSchema<A>;

export interface Operation<A = unknown> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Parts of the path; `{name}` takes one part. */
  path: string;
  /** Names of the query parameters that it takes; any other is refused. */
  query: readonly string[];
  status: 200 | 202 | 204;
  answer: Schema<A>;
  /** Of the answer. @default application/json */
  mediaType?: string;
  /** What it is sent, as JSON; left out, nothing. */
  body?: v.GenericSchema;
}

/** What an operation answers; `undefined` is no body. */
export type AnswerOf<O> = O extends Operation<infer A> ? A : never;

const count = v.pipe(v.number(), v.safeInteger());
const text = v.string();
const textOrNull = v.nullable(text);

export const Store = v.object({
  storeId: text,
  region: textOrNull,
  groups: v.array(text),
  /** IANA; left out for UTC. */
  timeZone: v.exactOptional(text),
  /** What head office calls it. */
  name: v.exactOptional(text),
  connected: v.boolean(),
  /** Connected, or not, since then; null where nobody noticed. */
  since: textOrNull,
  lastSeenAt: text,
  /** Updates of its channels that it doesn't have yet. */
  behind: count,
  revokedAt: v.exactOptional(text),
});
export type Store = v.InferOutput<typeof Store>;

/** Checked when the store sent it. */
export const StoredSale = v.custom<Sale>(
  value => typeof value === 'object' && value !== null,
  'must be a sale',
);

export const TillGaps = v.object({
  /** Null for sales that name no till. */
  till: textOrNull,
  first: count,
  last: count,
  /** Numbers of the day that the chain has. */
  count,
  /** In order, the first thousand of `missingCount`. */
  missing: v.array(count),
  missingCount: count,
});

export const Revocation = v.object({ storeId: text, revokedAt: text });

/** An answer that isn't the one asked for (RFC 9457); the detail is for people. */
export const Problem = v.object({ type: text, title: text, status: v.number(), detail: text });
export type Problem = v.InferOutput<typeof Problem>;

/** The part of a list from a cursor on, up to a limit; without a cursor it is the last. */
export interface Page<T> {
  items: T[];
  cursor?: string;
}

function pageOf<T>(item: Schema<T>): Schema<Page<T>> {
  return v.object({ items: v.array(item), cursor: v.exactOptional(text) });
}

const PAGING = ['limit', 'cursor'] as const;
const SPAN = ['from', 'to'] as const;

function get<A>(path: string, answer: Schema<A>, query: readonly string[] = []): Operation<A> {
  return { method: 'GET', path, query, status: 200, answer };
}

function post<A>(path: string, status: 200 | 202, answer: Schema<A>): Operation<A> {
  return { method: 'POST', path, query: [], status, answer };
}

function change(method: 'PUT' | 'DELETE', path: string): Operation<undefined> {
  return { method, path, query: [], status: 204, answer: v.undefined() };
}

const totals = <A>(item: Schema<A>) =>
  get('/sales/totals', pageOf(item), [...SPAN, 'by', 'store', 'region', 'live', ...PAGING]);

const audit = <A>(item: Schema<A>) => get('/sales/audit', pageOf(item), [...SPAN, 'by', ...PAGING]);

export const operations = {
  listStores: get('/stores', pageOf(Store), PAGING),
  getStore: get('/stores/{id}', Store),
  placeStore: {
    method: 'PUT',
    path: '/stores/{id}',
    query: [],
    status: 200,
    answer: Store,
    body: PlacementChange,
  } as Operation<Store>,
  retireStore: change('DELETE', '/stores/{id}'),
  closeConnection: change('DELETE', '/stores/{id}/connection'),
  getRevocation: get('/stores/{id}/revocation', Revocation),
  revokeStore: change('PUT', '/stores/{id}/revocation'),
  restoreStore: change('DELETE', '/stores/{id}/revocation'),
  storePrices: get('/stores/{id}/prices', pageOf(StorePrice), ['sku', 'at', ...PAGING]),
  storeSales: get('/stores/{id}/sales', pageOf(StoredSale), [...SPAN, ...PAGING]),
  salesGaps: get('/stores/{id}/sales/gaps', pageOf(TillGaps), ['businessDay', ...PAGING]),
  salesTotals: totals<AnyTotal>(AnyTotal),
  salesAudit: audit<AnyAudit>(AnyAudit),
  listDrift: get('/drift', pageOf(DriftItem), ['store', ...PAGING]),
  listUpdates: get('/updates', pageOf(UpdateSummary), ['state', ...PAGING]),
  publishUpdate: { ...post('/updates', 202, PublicationAnswer), body: Publication },
  approveUpdate: post('/updates/{id}/approval', 202, v.object({ updateId: text })),
  refuseUpdate: change('DELETE', '/updates/{id}/approval'),
  getUpdate: get('/updates/{id}', PublishedUpdate),
  getDelivery: get('/updates/{id}/delivery', Delivery, PAGING),
  getEvidence: {
    ...get('/updates/{id}/evidence', FlattenedJws, ['cursor']),
    mediaType: 'application/jose+json',
  },
  listRollouts: get('/rollouts', pageOf(Rollout), PAGING),
  getRollout: get('/rollouts/{id}', Rollout),
  pauseRollout: post('/rollouts/{id}/pause', 200, Rollout),
  resumeRollout: post('/rollouts/{id}/resume', 200, Rollout),
  advanceRollout: post('/rollouts/{id}/advance', 200, Rollout),
  rollBackRollout: post('/rollouts/{id}/rollback', 200, Rollout),
  renewToken: post('/token', 200, v.object({ token: text, expiresAt: text, renewAt: text })),
};

/** `GET /sales/totals` by one grouping, whose items are read as such. */
export function salesTotalsBy<G extends Grouping>(by: G): Operation<Page<TotalBy<G>>> {
  return totals(totalsBy[by] as unknown as Schema<TotalBy<G>>);
}

/** `GET /sales/audit` by one grouping. */
export function salesAuditBy<G extends AuditGrouping>(by: G): Operation<Page<AuditBy<G>>> {
  return audit(auditBy[by] as unknown as Schema<AuditBy<G>>);
}

/** What an operation's `{name}` parts and query parameters are. */
export interface Call {
  parameters?: Record<string, string>;
  /** Those that are undefined are left out. */
  query?: Record<string, string | number | undefined>;
  /** Sent as JSON. */
  body?: object;
}

/** Path and query, relative to `ManagementUrl`. */
export function addressOf({ path }: Operation, { parameters = {}, query = {} }: Call): string {
  const place = path.slice(1).replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parameters[name] ?? ''));
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? place : `${place}?${given}`;
}

/** The chain answered something else than its contract says. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
}

/** @throws UnexpectedAnswerError naming the fields that are missing or wrong */
export function readAnswer<A>({ answer, method, path }: Operation<A>, body: unknown): A {
  const parsed = v.safeParse(answer, body);
  if (parsed.success) return parsed.output;
  throw new UnexpectedAnswerError(
    `the answer of ${method} ${path} can't be read: ${describeIssues(parsed.issues, 'answer')}`,
  );
}

/** Every item of a list, page by page. @param load one page from a cursor on */
export async function wholeList<P extends { cursor?: string }, T>(
  load: (cursor: string | undefined) => Promise<P>,
  itemsOf: (page: P) => readonly T[],
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await load(cursor);
    all.push(...itemsOf(page));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}
