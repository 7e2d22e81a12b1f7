/** The whole system: read this file as its architecture. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Broadcast } from './broadcast.ts';
import { ConnectionsTable } from './connections-table.ts';
import { ManagementApi } from './management-api.ts';
import { StoreApi } from './store-api.ts';
import { TokenKey } from './token-key.ts';

export interface StorecastStackProps extends StackProps {
  /** Partitions of the registry. @default 1, enough for 10,000 stores */
  readonly connectionShards?: number;
  /** Posts a second of one broadcast. @default 4,500: 0.45 of API Gateway's 10,000 requests a second */
  readonly postsPerSecond?: number;
  /** Posts of one broadcast at once. @default 2,000: 0.4 of API Gateway's burst of 5,000 */
  readonly postBurst?: number;
}

export class StorecastStack extends Stack {
  constructor(scope: Construct, id: string, props: StorecastStackProps = {}) {
    super(scope, id, props);
    const tokenKey = new TokenKey(this, 'TokenKey');
    const connections = new ConnectionsTable(this, 'Connections', { shards: props.connectionShards ?? 1 });
    const stores = new StoreApi(this, 'Stores', { connections, tokenKey });
    const broadcast = new Broadcast(this, 'Broadcast', {
      connections,
      stores,
      postsPerSecond: props.postsPerSecond ?? 4_500,
      postBurst: props.postBurst ?? 2_000,
    });
    const management = new ManagementApi(this, 'Management', { connections, stores, tokenKey });

    this.#output('StoreEndpoint', stores.stage.url, 'Where stores connect');
    this.#output('ManagementUrl', `${management.api.apiEndpoint}/`, 'The HTTP API of head office');
    this.#output('EventBusName', broadcast.bus.eventBusName, 'Where marketing publishes');
    this.#output(
      'DeadLetterQueueUrl',
      broadcast.deadLetters.queueUrl,
      'Events that reached nobody, with the reason',
    );
    this.#output('TokenKeyId', tokenKey.key.keyId, 'The KMS key that signs tokens');
    this.#output('Region', this.region, 'Where all of it runs');
  }

  /** An output by its own name: CDK would prefix it with the path of its construct. */
  #output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}
