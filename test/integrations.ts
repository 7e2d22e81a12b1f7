/** The examples of integrations, which are JavaScript, as a chain may write it; here they have types. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

const directory = join(import.meta.dirname, '..', 'examples', 'integrations');
const example = async (file: string) => import(pathToFileURL(join(directory, file)).href);

type Add<T = unknown> = (stack: Stack, bus: EventBus, url: string) => T;

export const sendRequestsToErp: Add<IQueue> = (await example('erp.js')).sendRequestsToErp;
export const examples: Record<string, Add> = {
  erp: sendRequestsToErp,
  warehouse: (await example('warehouse.js')).sendSalesToWarehouse,
  webhook: (await example('webhook.js')).sendPresenceToWebhook,
};
