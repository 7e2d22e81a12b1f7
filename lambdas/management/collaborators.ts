/** All that the routes of the HTTP API work with; each route is given what it names, and no more. */
import { KMSClient } from '@aws-sdk/client-kms';
import { Environment } from '../../domain/names.ts';
import { clientOf } from '../aws/client-of.ts';
import { required } from '../aws/environment.ts';
import { gatewayFromEnvironment } from '../gateway/gateway.ts';
import { EvidenceSigner } from '../identity/evidence-signer.ts';
import { tokenKeyIds } from '../identity/token-keys.ts';
import { kmsSigner } from '../identity/token-signer.ts';
import { admittedBusFromEnvironment } from '../publishing/admitted-bus.ts';
import { heldUpdatesFromEnvironment } from '../publishing/held-updates.ts';
import { guardFromEnvironment } from '../publishing/update-guard.ts';
import { receiptsFromEnvironment } from '../receipts/receipts.ts';
import { connectionsFromEnvironment } from '../registry/connections.ts';
import { paceFromEnvironment } from '../registry/pace.ts';
import { rosterFromEnvironment } from '../registry/roster.ts';
import { rolloutTableFromEnvironment } from '../rollouts/rollout-table.ts';
import { salesBookFromEnvironment } from '../sales/sales-book.ts';
import { salesHoursFromEnvironment } from '../sales/sales-hours.ts';
import { salesIndexFromEnvironment } from '../sales/sales-index.ts';
import { SalesTotals } from '../sales/span-totals.ts';
import { currentStateFromEnvironment } from '../updates/current-state.ts';
import { publishedListFromEnvironment } from '../updates/published-list.ts';
import { updateIdsFromEnvironment } from '../updates/update-ids.ts';
import { updateLogFromEnvironment } from '../updates/update-log.ts';
import { TokenMint } from './token-routes.ts';

export type Collaborators = ReturnType<typeof collaboratorsFromEnvironment>;

export function collaboratorsFromEnvironment() {
  const { newest: keyId } = tokenKeyIds();
  const sign = kmsSigner(clientOf(KMSClient), keyId);
  return {
    admitted: admittedBusFromEnvironment(),
    connections: connectionsFromEnvironment(),
    current: currentStateFromEnvironment(),
    evidence: new EvidenceSigner({
      keyId,
      madeBy: {
        deployment: required(Environment.stage),
        storeEndpoint: required(Environment.storeEndpoint),
      },
      sign,
    }),
    gateway: gatewayFromEnvironment(),
    guard: guardFromEnvironment(),
    held: heldUpdatesFromEnvironment(),
    ids: updateIdsFromEnvironment(),
    log: updateLogFromEnvironment(),
    published: publishedListFromEnvironment(),
    pace: paceFromEnvironment(),
    mint: new TokenMint({ keyId, sign }),
    receipts: receiptsFromEnvironment(),
    rollouts: rolloutTableFromEnvironment(),
    roster: rosterFromEnvironment(),
    sales: salesBookFromEnvironment(),
    totals: new SalesTotals({ hours: salesHoursFromEnvironment(), index: salesIndexFromEnvironment() }),
  };
}
