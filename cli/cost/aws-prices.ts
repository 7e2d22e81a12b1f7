/** What AWS charges, in one table, for the cost model. */

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
  /** EventBridge: a custom event. */
  event: 1,
  /** SQS: a request to a standard queue, one that finds it empty included. */
  queueRequest: 0.4,
  /** For comparison: a request to an HTTP API, and to a REST API. */
  httpRequest: 1,
  restRequest: 3.5,
} as const;

export type PriceName = keyof typeof PRICES;

/** Dollars for so many of each. */
export function dollarsFor(work: Partial<Record<PriceName, number>>): number {
  const names = Object.keys(work) as PriceName[];
  return names.reduce((sum, name) => sum + ((work[name] ?? 0) * PRICES[name]) / 1_000_000, 0);
}

/** What Lambda charges for one invocation. */
export function invocationOf(milliseconds: number, memoryMegabytes: number) {
  return { lambdaRequest: 1, lambdaGigabyteSecond: (milliseconds / 1_000) * (memoryMegabytes / 1_024) };
}
