/** AWS's rounding, by the examples of its price lists. */
import { expect, it } from 'vitest';
import { dollarsFor, invocationOf, MINUTES_PER_MONTH, PRICES } from '../../../local/billing/prices.ts';
import { blocks, gigabyteSeconds, logEventBytes, MESSAGE_BLOCK_BYTES } from '../../../local/usage.ts';

const KB = 1_024;

it.each<[string, number, number, number]>([
  ['a message of 32 KB is one', 32 * KB, MESSAGE_BLOCK_BYTES, 1],
  ['a message of 33 KB is two', 33 * KB, MESSAGE_BLOCK_BYTES, 2],
  ['an event of 256 KB is four', 256 * KB, 64 * KB, 4],
  ['a queue request of 256 KB is four', 256 * KB, 64 * KB, 4],
  ['a byte over is a block more', 64 * KB + 1, 64 * KB, 2],
  ['an empty one is one', 0, 64 * KB, 1],
])('%s', (_title, bytes, block, count) => {
  expect(blocks(bytes, block)).toBe(count);
});

it('an invocation is billed by the millisecond, rounded up: three million of 120 ms with 1.5 GB are 540,000 GB-s', () => {
  expect(3_000_000 * gigabyteSeconds(120, 1_536)).toBeCloseTo(540_000, 3);
  expect(gigabyteSeconds(119.01, 1_536)).toBe(gigabyteSeconds(120, 1_536));
  expect(invocationOf(1_000, 512)).toEqual({ lambdaRequest: 1, lambdaGigabyteSecond: 0.5 });
});

it('an event of a log is 26 bytes more than its message in UTF-8', () => {
  expect(logEventBytes('süß')).toBe(5 + 26);
});

it.each<[string, Parameters<typeof dollarsFor>[0], number]>([
  ['a million messages', { message: 1_000_000 }, 1],
  ['a month of 1,000 connections', { connectionMinute: 1_000 * MINUTES_PER_MONTH }, 10.9575],
  ['10,000 signatures', { keyRequest: 10_000 }, 0.15],
  ['10 TB of logs, at 1,024 GB each', { logByte: 10 * 1_024 ** 4 }, 5_120],
])('%s costs what the price list says', (_title, work, dollars) => {
  expect(dollarsFor(work)).toBeCloseTo(dollars, 6);
});

it('every price is above nothing', () => {
  expect(Object.values(PRICES).every(dollars => dollars > 0)).toBe(true);
});
