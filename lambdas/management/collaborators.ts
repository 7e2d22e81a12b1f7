/** All that the routes of the HTTP API work with; each route is given what it names, and no more. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { Environment } from '../../domain/names.ts';
import { clientOf } from '../aws/client-of.ts';
import { required } from '../aws/environment.ts';
import { gatewayFromEnvironment } from '../gateway/gateway.ts';
import { EvidenceSigner } from '../identity/evidence-signer.ts';
import { tokenKeyIds } from '../identity/token-keys.ts';
import { kmsSigner } from '../identity/token-signer.ts';
import { receiptsFromEnvironment } from '../receipts/receipts.ts';
import { connectionsFromEnvironment } from '../registry/connections.ts';
import { paceFromEnvironment } from '../registry/pace.ts';
import { rosterFromEnvironment } from '../registry/roster.ts';
import { salesBookFromEnvironment } from '../sales/sales-book.ts';
import { salesHoursFromEnvironment } from '../sales/sales-hours.ts';
import { salesIndexFromEnvironment } from '../sales/sales-index.ts';
import { SalesTotals } from '../sales/span-totals.ts';
import { currentStateFromEnvironment } from '../updates/current-state.ts';
import { publishedListFromEnvironment } from '../updates/published-list.ts';
import { updateIdsFromEnvironment } from '../updates/update-ids.ts';
import { updateLogFromEnvironment } from '../updates/update-log.ts';
import { TokenMint } from './token-routes.ts';
import { UpdateBus } from './update-bus.ts';

export type Collaborators = ReturnType<typeof collaboratorsFromEnvironment>;

export function collaboratorsFromEnvironment() {
  const { newest: keyId } = tokenKeyIds();
  const sign = kmsSigner(clientOf(KMSClient), keyId);
  return {
    bus: new UpdateBus({ client: clientOf(EventBridgeClient), name: required(Environment.eventBusName) }),
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
    ids: updateIdsFromEnvironment(),
    log: updateLogFromEnvironment(),
    published: publishedListFromEnvironment(),
    pace: paceFromEnvironment(),
    mint: new TokenMint({ keyId, sign }),
    receipts: receiptsFromEnvironment(),
    roster: rosterFromEnvironment(),
    sales: salesBookFromEnvironment(),
    totals: new SalesTotals({ hours: salesHoursFromEnvironment(), index: salesIndexFromEnvironment() }),
  };
}
