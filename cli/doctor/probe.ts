/** A store of doctor's own, which nobody else speaks for, and what each check does with it. */
import { randomUUID } from 'node:crypto';
import { operations } from '../../domain/protocol/http-api.ts';
import { NotFoundError } from '../errors.ts';
import type { Target } from '../target.ts';
import { reasonOf } from './endpoints.ts';
import { type Finding, failed, ok } from './finding.ts';
import { type Caller, openLine, type ProbeLine } from './probe-line.ts';

/** Special drawing rights, which no till takes: a sale in them is in no sum of the chain's own. */
export const TEST_CURRENCY = 'XDR';
export const TEST_SKU = 'STORECAST-DOCTOR';
const PRICE_MS = 10 * 60_000;
const LIFETIME_SECONDS = 3_600;
const PAUSE_MS = 250;
/** A function that starts anew takes seconds, and an update goes through three of them. */
const PATIENCE_MS = 20_000;

export interface Probe extends Caller {
  target: Target;
  storeId: string;
}

export async function newProbe(target: Target, patienceMs = PATIENCE_MS): Promise<Probe> {
  const storeId = `storecast-doctor-${randomUUID()}`;
  const token = await target.mint(
    { role: 'store', storeId, region: undefined, groups: [] },
    LIFETIME_SECONDS,
  );
  return { target, storeId, token, endpoint: target.outputs.StoreEndpoint, patienceMs };
}

/** Opens a line for a while, and closes it whatever comes. */
export async function onLine<T>(
  caller: Caller,
  use: (line: ProbeLine) => Promise<T>,
  by: Parameters<typeof openLine>[1] = 'header',
): Promise<T> {
  const line = await openLine(caller, by);
  try {
    return await use(line);
  } finally {
    await line.close();
  }
}

/** Publishes a price for this store alone, which is over in ten minutes. @returns the update's id */
export async function publishPrice({ target, storeId }: Probe): Promise<string> {
  const updateId = `doctor-${randomUUID()}`;
  const prices = [{ sku: TEST_SKU, amount: 1, currency: TEST_CURRENCY }];
  const validUntil = new Date(Date.now() + PRICE_MS).toISOString();
  const detail = { updateId, prices, validUntil, audience: { stores: [storeId] } };
  await target.api.call(operations.publishUpdate, { body: { type: 'PriceChanged', detail } });
  return updateId;
}

/** @returns what came true. @throws Error that names what did not */
export async function eventually<T>(
  { patienceMs }: Caller,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() >= deadline) throw new Error(`not within ${patienceMs / 1_000} s: ${what}`);
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}

/** An update that is not in the log yet is not found. */
export async function ifFound<T>(ask: Promise<T>): Promise<T | undefined> {
  try {
    return await ask;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** A check that ends in any case. @param look says what it has found, or throws what is wrong */
export async function tried(
  check: string,
  todo: string,
  look: () => Promise<string | Finding>,
): Promise<Finding> {
  try {
    const found = await look();
    return typeof found === 'string' ? ok(check, found) : found;
  } catch (error) {
    return failed(check, reasonOf(error), todo);
  }
}
