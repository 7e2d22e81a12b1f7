/** One price, its receipt and one sale, on the very way that those of a store go. */

import type { EvidenceStatement } from '../../domain/protocol/evidence-statement.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import { keyOfSystem } from '../evidence/public-key.ts';
import { verifiedEvidence } from '../evidence/verified-evidence.ts';
import type { Finding } from './finding.ts';
import {
  eventually,
  ifFound,
  onLine,
  type Probe,
  publishPrice,
  TEST_CURRENCY,
  TEST_SKU,
  tried,
} from './probe.ts';
import type { ProbeLine } from './probe-line.ts';

/** @returns the update's id, and how long it took from its publication */
async function pricePosted(probe: Probe, line: ProbeLine): Promise<{ updateId: string; tookMs: number }> {
  const before = Date.now();
  const updateId = await publishPrice(probe);
  await line.next(`update ${updateId}`, ({ type, id }) => type === 'update' && id === updateId);
  return { updateId, tookMs: Date.now() - before };
}

const THE_WAY = 'npx storecast dead-letters; the log of broadcast by updateId';

export function checkPost(probe: Probe): Promise<Finding> {
  return tried('post', THE_WAY, () =>
    onLine(probe, async line => {
      const { tookMs } = await pricePosted(probe, line);
      return `a price is at its store ${tookMs} ms after head office has asked for it`;
    }),
  );
}

export function checkReceipt(probe: Probe): Promise<Finding> {
  return tried('receipt', 'log of default: a frame failed', () =>
    onLine(probe, async line => {
      const { updateId } = await pricePosted(probe, line);
      const appliedAt = new Date().toISOString();
      await line.ask({ action: 'applied', updates: [{ id: updateId, appliedAt }] }, 'applied.accepted');
      const call = { parameters: { id: updateId } };
      const { applied, targeted } = await probe.target.api.call(operations.getDelivery, call);
      if (applied !== 1 || targeted !== 1)
        throw new Error(`its delivery counts ${applied} of ${targeted} as applied`);
      return 'a receipt is in the delivery report as soon as it is answered';
    }),
  );
}

export function checkSale(probe: Probe): Promise<Finding> {
  const { storeId, target } = probe;
  return tried('sale', 'log of default: a frame failed', () =>
    onLine(probe, async line => {
      const soldAt = new Date().toISOString();
      const lines = [{ sku: TEST_SKU, quantity: 1, unitPrice: 1 }];
      const sale = { saleId: soldAt, soldAt, currency: TEST_CURRENCY, total: 1, lines };
      await line.ask({ action: 'sales', sales: [sale] }, 'sales.accepted');
      // Once more, as after an answer that was lost.
      await line.ask({ action: 'sales', sales: [sale] }, 'sales.accepted');
      const query = { store: storeId };
      // An index of DynamoDB follows its table.
      const count = await eventually(probe, 'the sale is in the totals', async () => {
        const [total] = await target.api.list(operations.salesTotals, { query });
        return total?.count;
      });
      if (count !== 1) throw new Error(`sent twice, it counts ${count} times`);
      return `a sale that is sent twice counts once, in a currency that no till takes`;
    }),
  );
}

/** What is published while the store is away. */
export function checkCatchUp(probe: Probe): Promise<Finding> {
  return tried('catch-up', THE_WAY, async () => {
    const positions = await onLine(
      probe,
      async line => (await line.ask({ action: 'sync' }, 'synced')).positions,
    );
    const updateId = await publishPrice(probe);
    const call = { parameters: { id: updateId } };
    await eventually(probe, 'the update is in the log', async () => {
      const update = await ifFound(probe.target.api.call(operations.getUpdate, call));
      return update?.positions ?? undefined;
    });
    return onLine(probe, async line => {
      const { recovered, updates } = await line.ask({ action: 'sync', positions }, 'synced');
      const ids = (updates as { id: string }[]).map(({ id }) => id);
      if (recovered !== true || ids.join() !== updateId)
        throw new Error(`it missed ${updateId}, and is sent ${ids.join(', ') || 'nothing'}`);
      return 'a store that was away is sent what it missed, and nothing else';
    });
  });
}

/** A post that a dead socket took is tried again by redelivery, seconds later. A developer's machine may be as slow by itself. */
const MOST_AFTER_REST_MS = 5_000;

/**
 * Lambda freezes what stands still, and whoever is on the other end of its sockets closes them meanwhile.
 *
 * @param restMs long enough for that
 */
export function checkRest(probe: Probe, restMs: number): Promise<Finding> {
  return tried('rest', 'log of broadcast and of redeliver; docs/decisions/011-own-socket-pool.md', () =>
    onLine(probe, async line => {
      await pricePosted(probe, line);
      await new Promise(resolve => setTimeout(resolve, restMs));
      const { tookMs } = await pricePosted(probe, line);
      const found = `after ${Math.round(restMs / 1_000)} s without an event a price took ${tookMs} ms`;
      const isLocal = probe.target.outputs.AwsEndpointUrl !== undefined;
      if (tookMs > MOST_AFTER_REST_MS && !isLocal) throw new Error(found);
      return found;
    }),
  );
}

/** @returns besides, which deployment has made it; undefined where there is none */
export async function checkEvidence(
  probe: Probe,
): Promise<{ finding: Finding; deployment: string | undefined }> {
  let statement: EvidenceStatement | undefined;
  const finding = await tried('evidence', 'log of management; does kms:Sign take digests', async () => {
    const { target } = probe;
    const updateId = await publishPrice(probe);
    const jws = await eventually(probe, 'there is evidence', () =>
      ifFound(target.api.call(operations.getEvidence, { parameters: { id: updateId } })),
    );
    const [verified] = await verifiedEvidence(JSON.stringify(jws), await keyOfSystem(target));
    statement = verified?.statement;
    return `what KMS signs holds by the public key of ${statement?.madeBy.deployment}`;
  });
  return { finding, deployment: statement?.madeBy.deployment };
}
