// storecast and three systems that hear from its outbound bus: `npx cdk synth`, `npx cdk deploy`.
import { App, Stack } from 'aws-cdk-lib';
import { Storecast } from 'storecast';
import { sendRequestsToErp } from './erp.js';
import { sendSalesToWarehouse } from './warehouse.js';
import { sendPresenceToWebhook } from './webhook.js';

const app = new App();
const stack = new Stack(app, 'Chain');

const storecast = new Storecast(stack, 'Storecast', {
  // A warehouse can wait, and fewer, fuller events cost less.
  outboundGatherSeconds: 60,
});
storecast.addOutputs();

sendSalesToWarehouse(stack, storecast.outbound);
sendRequestsToErp(stack, storecast.outbound);
sendPresenceToWebhook(stack, storecast.outbound, process.env.WEBHOOK_URL ?? 'https://example.com/stores');
