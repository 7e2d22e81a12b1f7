/** What is published in the tests of the broadcast, and the stores that it concerns. */
import type { EventBridgeEvent } from 'aws-lambda';
import type { Audience } from '../../../domain/updates/channels.ts';
import type { Connections, Line } from '../../../lambdas/registry/connections.ts';
import { unique } from '../updates.ts';

export const price = { sku: 'A', amount: 199, currency: 'EUR' };

export function priceEvent(detail: object, id = unique('e')): EventBridgeEvent<string, unknown> {
  return eventOf('PriceChanged', { prices: [price], ...detail }, id);
}

export function eventOf(type: string, detail: object, id = unique('e')): EventBridgeEvent<string, unknown> {
  return { id, 'detail-type': type, detail, source: 'marketing' } as EventBridgeEvent<string, unknown>;
}

/** Connected stores of a region of their own, and an audience of that region. */
export async function fleetOf(
  connections: Connections,
  count: number,
): Promise<{ to: { audience: Partial<Audience> }; region: string; ids: string[]; lines: Line[] }> {
  const region = unique('r');
  const lines = Array.from(
    { length: count },
    (): Line => ({
      identity: { role: 'store', storeId: unique('s'), region, groups: [] },
      connectionId: unique('c='),
      connectedAt: Date.now() - 1_000,
    }),
  );
  for (const line of lines) await connections.register(line, line.connectedAt);
  return {
    to: { audience: { regions: [region] } },
    region,
    ids: lines.map(line => line.connectionId),
    lines,
  };
}
