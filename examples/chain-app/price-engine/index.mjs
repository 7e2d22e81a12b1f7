// Lambda's own runtime has the SDK.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

const events = new EventBridgeClient();

export async function handler() {
  const detail = { prices: [{ sku: '4006381333931', amount: 199, currency: 'EUR' }] };
  const entry = {
    EventBusName: process.env.EVENT_BUS_NAME,
    Source: 'price-engine',
    DetailType: 'PriceChanged',
    Detail: JSON.stringify(detail),
  };
  const { FailedEntryCount, Entries } = await events.send(new PutEventsCommand({ Entries: [entry] }));
  if (FailedEntryCount > 0) throw new Error(Entries[0].ErrorMessage);
}
