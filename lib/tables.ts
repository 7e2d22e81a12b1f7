/**
 * What storecast remembers. The schemas of the items in lambdas/ have the same keys. Attribute names are one letter
 * where items are read by the thousand.
 */
import { Duration } from 'aws-cdk-lib';
import { AttributeType, ProjectionType, StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  CURRENT_POSITION_INDEX,
  Environment,
  OPEN_ROLLOUTS_INDEX,
  PACE_KEY,
  ROLLOUT_KEY,
  SALES_BUCKET_INDEX,
  STORE_LIST_INDEX,
} from '../domain/names.ts';
import type { OutboundType } from '../domain/outbound/outbound-events.ts';
import { type DataProtection, HandlerTable, type TableAction } from './handler-table.ts';
import type { FleetSize } from './settings/fleet-size.ts';

export interface TablesProps {
  /**
   * Another number of partitions of the registry moves every store to another key; connected stores enter themselves anew
   * with their next ping.
   */
  readonly size: FleetSize;
  /** Days that the log reaches back; a store away for longer gets the current state instead. */
  readonly retentionDays: number;
  /** Days that sales are kept. */
  readonly salesDays: number;
  readonly protection: DataProtection;
}

/** How long receipts gather for the outbound bus, at least. */
const RECEIPTS_GATHER_SECONDS = 15;

type Feeding = Parameters<HandlerTable['feedAll']>[1];

const text = (name: string) => ({ name, type: AttributeType.STRING });
const number = (name: string) => ({ name, type: AttributeType.NUMBER });

export class Tables extends Construct {
  /** Which line each store holds now. */
  readonly #connections: HandlerTable;
  /** The log of each channel. */
  readonly #updates: HandlerTable;
  /** What is or will be in force, by channel. */
  readonly current: HandlerTable;
  /** Every store that was ever on the line. */
  readonly stores: HandlerTable;
  /** Receipts as they came, until they are gathered. */
  readonly inbox: HandlerTable;
  /** Who applied which update, and when. */
  readonly receipts: HandlerTable;
  /** What is not published yet, or not to all: rollouts, and what was decided about them; updates that wait for approval. */
  readonly staged: HandlerTable;
  /** A store's minute is one item, with its sales and their sums. */
  readonly sales: HandlerTable;
  /** Hours of the sales that have ended, rolled up. */
  readonly hours: HandlerTable;
  readonly #props: TablesProps;

  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id);
    this.#props = props;
    const { protection } = props;
    this.#connections = new HandlerTable(this, 'Connections', {
      partitionKey: number('s'),
      sortKey: text('m'),
      expiryAttribute: 'x',
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      environmentVariable: Environment.connectionsTable,
      // Every entry is written anew by its store within a heartbeat.
      mustLast: false,
      protection,
    });
    this.#updates = new HandlerTable(this, 'Updates', {
      partitionKey: text('channel'),
      sortKey: number('position'),
      stream: StreamViewType.KEYS_ONLY,
      environmentVariable: Environment.updatesTable,
      mustLast: true,
      protection,
    });
    this.current = new HandlerTable(this, 'Current', {
      partitionKey: text('channel'),
      sortKey: text('subject'),
      indexes: [
        { indexName: CURRENT_POSITION_INDEX, partitionKey: text('channel'), sortKey: number('position') },
      ],
      environmentVariable: Environment.currentTable,
      mustLast: true,
      protection,
    });
    this.stores = new HandlerTable(this, 'Stores', {
      partitionKey: text('storeId'),
      indexes: [
        {
          indexName: STORE_LIST_INDEX,
          partitionKey: number('part'),
          sortKey: text('storeId'),
          // What changes as stores are heard is not in it: that would double each of these writes.
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: [
            ...['firstSeenAt', 'region', 'groups', 'placedRegion', 'placedGroups'],
            ...['adriftBook', 'expectedBook', 'adriftSince', 'isAdrift'],
          ],
        },
      ],
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      environmentVariable: Environment.storesTable,
      mustLast: true,
      protection,
    });
    this.inbox = new HandlerTable(this, 'Inbox', {
      partitionKey: number('s'),
      sortKey: text('a'),
      expiryAttribute: 'x',
      stream: StreamViewType.NEW_IMAGE,
      environmentVariable: Environment.inboxTable,
      mustLast: true,
      protection,
    });
    this.receipts = new HandlerTable(this, 'Receipts', {
      partitionKey: text('updateShard'),
      sortKey: text('part'),
      environmentVariable: Environment.receiptsTable,
      mustLast: true,
      protection,
    });
    this.staged = new HandlerTable(this, 'Staged', {
      partitionKey: text('kind'),
      sortKey: text('id'),
      indexes: [
        {
          indexName: OPEN_ROLLOUTS_INDEX,
          partitionKey: text('open'),
          sortKey: text('id'),
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      environmentVariable: Environment.stagedTable,
      mustLast: true,
      protection,
    });
    this.sales = new HandlerTable(this, 'Sales', {
      partitionKey: text('k'),
      sortKey: text('m'),
      indexes: [
        {
          indexName: SALES_BUCKET_INDEX,
          partitionKey: text('b'),
          sortKey: text('m'),
          // The sales themselves would make each minute a hundred times as large.
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: ['n', 'a', 'q', 'r'],
        },
      ],
      stream: StreamViewType.NEW_IMAGE,
      environmentVariable: Environment.salesTable,
      mustLast: true,
      protection,
    });
    this.hours = new HandlerTable(this, 'Hours', {
      partitionKey: text('monthBucket'),
      sortKey: text('hourPart'),
      environmentVariable: Environment.hoursTable,
      // Sums of the sales, which last.
      mustLast: false,
      protection,
    });
  }

  grantConnections(handler: lambda.Function, ...actions: TableAction[]): void {
    this.#connections.grantTo(handler, ...actions);
    handler.addEnvironment(Environment.connectionShards, String(this.#props.size.connectionShards));
  }

  grantUpdates(handler: lambda.Function, ...actions: TableAction[]): void {
    this.#updates.grantTo(handler, ...actions);
    handler.addEnvironment(Environment.retentionDays, String(this.#props.retentionDays));
  }

  /** Lets a function read what a store missed: the log, and the current state behind it. */
  grantCatchUp(handler: lambda.Function): void {
    this.grantUpdates(handler, 'BatchGetItem', 'GetItem', 'Query');
    this.current.grantTo(handler, 'GetItem', 'Query');
  }

  grantSales(handler: lambda.Function, ...actions: TableAction[]): void {
    this.sales.grantTo(handler, ...actions);
    handler.addEnvironment(Environment.salesBuckets, String(this.#props.size.salesBuckets));
    handler.addEnvironment(Environment.salesDays, String(this.#props.salesDays));
  }

  /** Hands a function the changes of every table that head office watches. */
  feed(handler: lambda.Function): void {
    for (const table of [this.sales, this.#connections, this.#updates]) table.feed(handler);
    // Its items expire by the million, and its marks move on.
    this.inbox.feed(handler, { eventName: lambda.FilterRule.isEqual('INSERT') });
  }

  /** Hands a function that is to miss none the changes that these outbound events tell of. */
  feedOutbound(handler: lambda.Function, types: readonly OutboundType[], options: Feeding): void {
    const { isEqual, or } = lambda.FilterRule;
    const written = { eventName: or('INSERT', 'MODIFY') };
    const isDelivered = types.includes('UpdateDelivered');
    if (types.includes('SalesRecorded')) this.sales.feedAll(handler, { ...options, pattern: written });
    // A store that goes off the line may have been the last one that was pending.
    if (isDelivered || types.some(type => /^Store(Dis)?[Cc]onnected$/.test(type)))
      this.#connections.feedAll(handler, options);
    if (types.some(type => type.startsWith('Rollout')))
      this.staged.feedAll(handler, {
        ...options,
        pattern: { ...written, dynamodb: { Keys: { kind: { S: isEqual(ROLLOUT_KEY) } } } },
      });
    if (!isDelivered) return;
    this.#updates.feedAll(handler, { ...options, pattern: written });
    // Each batch of receipts costs a look at the receipts of its updates.
    const gather = Duration.seconds(Math.max(RECEIPTS_GATHER_SECONDS, options.gather.toSeconds()));
    this.inbox.feedAll(handler, { ...options, gather, pattern: { eventName: isEqual('INSERT') } });
    this.grantUpdates(handler, 'GetItem', 'Query');
    this.grantReports(handler);
  }

  grantInbox(handler: lambda.Function, ...actions: TableAction[]): void {
    this.inbox.grantTo(handler, ...actions);
    handler.addEnvironment(Environment.receiptShards, String(this.#props.size.receiptShards));
  }

  /** Lets a function report what became of an update: its receipts, the stores there are, and those that are connected. */
  grantReports(handler: lambda.Function): void {
    this.grantInbox(handler, 'GetItem', 'Query');
    this.receipts.grantTo(handler, 'Query');
    this.stores.grantIndexesTo(handler);
    this.grantConnections(handler, 'Query', 'BatchGetItem');
  }

  /** Hands a function what is decided about rollouts, as it is decided. */
  feedRollouts(handler: lambda.Function): void {
    this.staged.feedItem(handler, ROLLOUT_KEY);
  }

  /** Hands a function the pace at which stores report, as it changes. */
  feedPace(handler: lambda.Function): void {
    this.stores.feedItem(handler, PACE_KEY);
  }
}
