/**
 * Who works on an item, and until when: `h` is the invocation's request id, `l` the end (ms). Lambda's retries keep
 * their request id, so an attempt finds what an earlier one of its own left behind at once; another invocation waits
 * until the lease is over.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, Table } from '../aws/table.ts';

/** Longer than a worker takes between two renewals, shorter than Lambda's first retry, which comes after a minute. */
const LEASE_MS = 30_000;

export function leaseFor(holder: string, now: number): { l: AttributeValue; h: AttributeValue } {
  return { l: leaseEnd(now), h: { S: holder } };
}

export function leaseEnd(now: number): AttributeValue {
  return { N: String(now + LEASE_MS) };
}

/** Takes over an item as it was read; false if another works on it, or was faster. */
export async function takeLease(
  table: Table,
  key: Item,
  read: Item,
  holder: string,
  now: number,
): Promise<boolean> {
  if (Number(read.l?.N) > now && read.h?.S !== holder) return false;
  const { l, h } = leaseFor(holder, now);
  return table.update(key, {
    expression: 'SET l = :l, h = :h',
    condition: 'l = :from',
    values: { ':l': l, ':h': h, ':from': read.l ?? { N: '0' } },
  });
}
