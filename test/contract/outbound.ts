/** What is on the outbound bus, as the local cloud records it. A deployed stack has no such record: nothing is looked at there. */
import { expect } from 'vitest';
import { patience } from '../patience.ts';
import type { System } from './system.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into details at any depth.
export type Detail = any;
export interface OutboundEvent {
  id: string;
  source: string;
  time: string;
  'detail-type': string;
  detail: Detail;
}

/** All that were put so far, in their order. */
export async function readOutbound({ awsEndpoint, outputs }: System, type: string): Promise<OutboundEvent[]> {
  const all: OutboundEvent[] = [];
  for (let after = 0; ; ) {
    const query = new URLSearchParams({
      bus: outputs.OutboundBusName ?? '',
      limit: '1000',
      after: String(after),
    });
    const response = await fetch(new URL(`/_local/events?${query}`, awsEndpoint));
    const { cursor, items } = (await response.json()) as { items: OutboundEvent[]; cursor: number };
    if (items.length === 0) return all.filter(event => event['detail-type'] === type);
    all.push(...items);
    after = cursor;
  }
}

/** Those of a type that fit, once there are so many. */
export async function outboundEvents(
  system: System,
  type: string,
  fits: (detail: Detail) => boolean,
  count = 1,
): Promise<OutboundEvent[]> {
  let found: OutboundEvent[] = [];
  await expect
    .poll(
      async () => {
        found = (await readOutbound(system, type)).filter(({ detail }) => fits(detail));
        return found.length;
      },
      { timeout: patience(60_000), interval: 100 },
    )
    .toBeGreaterThanOrEqual(count);
  return found;
}
