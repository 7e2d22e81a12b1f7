/** The whole system: read this file as its architecture. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Broadcast } from './broadcast.ts';
import { ManagementApi } from './management-api.ts';
import { SalesRollup } from './sales-rollup.ts';
import { StoreApi } from './store-api.ts';
import { Tables } from './tables.ts';
import { TokenKey } from './token-key.ts';

export interface StorecastStackProps extends StackProps {
  /** Partitions of the registry. @default 1, enough for 10,000 stores */
  readonly connectionShards?: number;
  /** Days that a store may be away and still get exactly what it missed. At least 2. @default 30 */
  readonly retentionDays?: number;
  /** Posts a second of one broadcast. @default 4,500: 0.45 of API Gateway's 10,000 requests a second */
  readonly postsPerSecond?: number;
  /** Posts of one broadcast at once. @default 2,000: 0.4 of API Gateway's burst of 5,000 */
  readonly postBurst?: number;
}

export class StorecastStack extends Stack {
  constructor(scope: Construct, id: string, props: StorecastStackProps = {}) {
    super(scope, id, props);
    const tokenKey = new TokenKey(this, 'TokenKey');
    const tables = new Tables(this, 'Tables', {
      connectionShards: props.connectionShards ?? 1,
      retentionDays: atLeastTwoDays(props.retentionDays ?? 30),
    });
    const stores = new StoreApi(this, 'Stores', { tables, tokenKey });
    const broadcast = new Broadcast(this, 'Broadcast', {
      tables,
      stores,
      postsPerSecond: props.postsPerSecond ?? 4_500,
      postBurst: props.postBurst ?? 2_000,
    });
    new SalesRollup(this, 'SalesRollup', { tables });
    const management = new ManagementApi(this, 'Management', {
      tables,
      stores,
      tokenKey,
      bus: broadcast.bus,
    });

    this.#output('StoreEndpoint', stores.stage.url, 'Where stores connect');
    this.#output('ManagementUrl', `${management.api.apiEndpoint}/`, 'The HTTP API of head office');
    this.#output('EventBusName', broadcast.bus.eventBusName, 'Where marketing publishes');
    this.#output(
      'DeadLetterQueueUrl',
      broadcast.deadLetters.queueUrl,
      'Events that reached nobody, with the reason',
    );
    this.#output(
      'RedeliveryDeadLetterQueueUrl',
      broadcast.redeliveryDeadLetters.queueUrl,
      'Posts that were given up',
    );
    this.#output('TokenKeyId', tokenKey.key.keyId, 'The KMS key that signs tokens');
    this.#output('Region', this.region, 'Where all of it runs');
  }

  /** An output by its own name: CDK would prefix it with the path of its construct. */
  #output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}

/** EventBridge retries for a day: an entry must not expire while its own update may still look for its position. */
function atLeastTwoDays(retentionDays: number): number {
  if (retentionDays >= 2) return retentionDays;
  throw new Error(
    `retentionDays is ${retentionDays}: the log must reach back 2 days at least, use 2 or more`,
  );
}
