/** From the tables' streams to the pages of managers: what was sold, who has which update, who is on the line. */
import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import { HandlerFunction } from './handler-function.ts';
import type { StoreApi } from './store-api.ts';
import type { Tables } from './tables.ts';

export interface LiveProps {
  readonly tables: Tables;
  readonly stores: StoreApi;
}

/** Managers are few: their frames take little of the account's throttle. */
const POSTS_PER_SECOND = 200;
const POST_BURST = 200;

export class Live extends Construct {
  readonly live: lambda.Function;

  constructor(scope: Construct, id: string, { stores, tables }: LiveProps) {
    super(scope, id);
    const live = new HandlerFunction(this, 'Function', {
      handler: 'live',
      description: 'Pushes what is happening to the connected managers, and ends replaced lines',
      timeout: Duration.seconds(30),
      memorySize: 512,
    });
    this.live = live;
    tables.grantConnections(live, 'DeleteItem');
    tables.grantUpdates(live, 'GetItem');
    tables.stores.grantTo(live, 'UpdateItem');
    tables.grantReports(live);
    tables.feed(live);
    stores.grantReplace(live);
    live.addEnvironment(Environment.postsPerSecond, String(POSTS_PER_SECOND));
    live.addEnvironment(Environment.postBurst, String(POST_BURST));
  }
}
