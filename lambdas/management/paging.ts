/** Lists that page with `limit` and `cursor`. */
import type { Page } from '../../domain/protocol/http-api.ts';
import type { Query } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** @throws HttpProblem 400 unless it is a whole number from 1 to 1,000 */
export function pageLimit({ limit }: Query): number {
  const number = limit === undefined ? DEFAULT_LIMIT : Number(limit);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_LIMIT) return number;
  throw new HttpProblem(400, `limit takes a whole number from 1 to ${MAX_LIMIT}, not '${limit}'`);
}

/** A cursor is the last item's key, and means nothing to its caller. */
export function encodeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** @throws HttpProblem 400 for what no list gave */
export function decodeCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (cursor === '' || encodeCursor(key) !== cursor)
    throw new HttpProblem(400, 'the cursor is not one of this list');
  return key;
}

/**
 * One page of a list that is sorted by `keyOf`.
 *
 * @param limitOf how many of those that are left a page holds @default as many as the caller asks for
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  query: Query,
  limitOf: (rest: readonly T[]) => number = () => pageLimit(query),
): Page<T> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const rest = after === undefined ? items : items.filter(item => keyOf(item) > after);
  const limit = limitOf(rest);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  if (last === undefined || rest.length <= limit) return { items: page };
  return { items: page, cursor: encodeCursor(keyOf(last)) };
}
