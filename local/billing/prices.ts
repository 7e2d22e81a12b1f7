/** What AWS charges, in one table: the local cloud's bill and the cost model both read it. */
import { gigabyteSeconds, type Unit } from '../usage.ts';

/** Where the prices are from: AWS's price lists, first tiers, no free tier. */
export const PRICES_OF = { region: 'us-east-1', date: '2026-11', source: 'https://aws.amazon.com/pricing/' };

/** Dollars for a million of each. */
export const PRICES = {
  /** WebSocket API: a minute of a connection. */
  connectionMinute: 0.25,
  /** WebSocket API: a message of up to 32 KB, either way, answers and posts included. */
  message: 1,
  /** Lambda on arm64: a request, and a gigabyte of memory for a second. */
  lambdaRequest: 0.2,
  lambdaGigabyteSecond: 13.3334,
  /** DynamoDB on demand: up to 1 KB written, up to 4 KB read consistently. */
  write: 0.625,
  read: 0.125,
  /** EventBridge: a custom event of up to 64 KB. */
  event: 1,
  /** SQS: a request of up to 64 KB to a standard queue, one that finds it empty included. */
  queueRequest: 0.4,
  /** KMS: a request that an elliptic curve's key serves. */
  keyRequest: 15,
  /** CloudWatch Logs: $0.50 for each GB of 1,024³ bytes taken in. */
  logByte: (0.5 / 1_024 ** 3) * 1_000_000,
  /** DynamoDB: $0.25 for each GB of 1,024³ bytes that a month is stored, and $0.20 where it can be restored to any second. */
  storedByte: (0.25 / 1_024 ** 3) * 1_000_000,
  backedUpByte: (0.2 / 1_024 ** 3) * 1_000_000,
  /** Data transfer: $0.09 for each GB of 1,024³ bytes that leaves for the internet. */
  sentByte: (0.09 / 1_024 ** 3) * 1_000_000,
  /** An HTTP API's request of up to 512 KB; and, for comparison, a REST API's. */
  httpRequest: 1,
  restRequest: 3.5,
} as const satisfies Record<Unit | 'restRequest', number>;

export type PriceName = keyof typeof PRICES;

/** A twelfth of a year of 365.25 days. */
export const MINUTES_PER_MONTH = 43_830;

/** Dollars for so many of each. */
export function dollarsFor(work: Partial<Record<PriceName, number>>): number {
  const names = Object.keys(work) as PriceName[];
  return names.reduce((sum, name) => sum + ((work[name] ?? 0) * PRICES[name]) / 1_000_000, 0);
}

/** What Lambda charges for one invocation. */
export function invocationOf(milliseconds: number, memoryMegabytes: number) {
  return { lambdaRequest: 1, lambdaGigabyteSecond: gigabyteSeconds(milliseconds, memoryMegabytes) };
}
