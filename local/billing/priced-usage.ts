/** The bill: what was used, at list price, and what a month of it would cost. */
import type { Unit } from '../usage.ts';
import type { Meter } from './meter.ts';
import { dollarsFor, MINUTES_PER_MONTH } from './prices.ts';

export interface BillItem {
  item: string;
  count: number;
  dollars: number;
}

export interface Bill {
  /** ISO 8601: when the process started, for the meter keeps nothing of an earlier one. */
  since: string;
  /** By the cloud's clock. */
  seconds: number;
  /** All there are, those with nothing to pay included. */
  items: BillItem[];
  /** So far. */
  dollars: number;
  /** What a month costs at the rate so far. */
  dollarsPerMonth: number;
}

/** What each unit is called on it. */
export const ITEMS: Record<Unit, string> = {
  connectionMinute: 'connection minutes',
  message: 'messages of 32 KB',
  httpRequest: 'HTTP requests',
  lambdaRequest: 'invocations',
  lambdaGigabyteSecond: 'GB-seconds',
  write: 'write units',
  read: 'read units',
  event: 'events of 64 KB',
  queueRequest: 'queue requests',
  keyRequest: 'key requests',
  logByte: 'bytes of logs',
  storedByte: 'bytes stored, a month each',
  backedUpByte: 'bytes backed up, a month each',
  sentByte: 'bytes sent',
};

export function billOf(meter: Meter): Bill {
  const items = (Object.keys(ITEMS) as Unit[]).map(unit => {
    const count = meter.count(unit);
    return { item: ITEMS[unit], count, dollars: dollarsFor({ [unit]: count }) };
  });
  const seconds = meter.seconds();
  const dollars = items.reduce((sum, item) => sum + item.dollars, 0);
  const dollarsPerMonth = seconds > 0 ? (dollars / seconds) * MINUTES_PER_MONTH * 60 : 0;
  return { since: new Date(meter.startedAt).toISOString(), seconds, items, dollars, dollarsPerMonth };
}
