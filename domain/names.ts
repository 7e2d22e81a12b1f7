/** How things are called across storecast: the limits of every id, and the environment of every Lambda. */
import * as v from 'valibot';

/**
 * A store, region, group, SKU, offer or update as retail systems number them: letters, digits, `.`, `_`, `:` and
 * `-`, at most 64 of them. No `/` and no `#`, which separate the parts of channels and of keys.
 */
export const Name = v.pipe(
  v.string('must be a string'),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'must be 1 to 64 letters, digits or . _ : -'),
);

/** Environment variables that the constructs set and the Lambdas read: one list, so neither side can drift. */
export const Environment = {
  connectionsTable: 'CONNECTIONS_TABLE',
  connectionShards: 'CONNECTION_SHARDS',
  fleetParts: 'FLEET_PARTS',
  updatesTable: 'UPDATES_TABLE',
  currentTable: 'CURRENT_TABLE',
  storesTable: 'STORES_TABLE',
  inboxTable: 'INBOX_TABLE',
  receiptsTable: 'RECEIPTS_TABLE',
  receiptShards: 'RECEIPT_SHARDS',
  salesTable: 'SALES_TABLE',
  hoursTable: 'HOURS_TABLE',
  stagedTable: 'STAGED_TABLE',
  salesBuckets: 'SALES_BUCKETS',
  salesDays: 'SALES_DAYS',
  oldestSaleDays: 'OLDEST_SALE_DAYS',
  restingReportSeconds: 'RESTING_REPORT_SECONDS',
  watchedReportMs: 'WATCHED_REPORT_MS',
  retentionDays: 'RETENTION_DAYS',
  gatewayEndpoint: 'GATEWAY_ENDPOINT',
  storeEndpoint: 'STORE_ENDPOINT',
  tokenKeyIds: 'TOKEN_KEY_IDS',
  externalIssuer: 'EXTERNAL_ISSUER',
  externalJwksUrl: 'EXTERNAL_JWKS_URL',
  externalAudience: 'EXTERNAL_AUDIENCE',
  deadLetterQueueUrl: 'DEAD_LETTER_QUEUE_URL',
  redeliveryQueueUrl: 'REDELIVERY_QUEUE_URL',
  redeliveryDeadLetterQueueUrl: 'REDELIVERY_DEAD_LETTER_QUEUE_URL',
  eventBusName: 'EVENT_BUS_NAME',
  outboundBusName: 'OUTBOUND_BUS_NAME',
  outboundEvents: 'OUTBOUND_EVENTS',
  outboundDeadLetterQueueUrl: 'OUTBOUND_DEAD_LETTER_QUEUE_URL',
  messageTopics: 'MESSAGE_TOPICS',
  postsPerSecond: 'POSTS_PER_SECOND',
  postBurst: 'POST_BURST',
  membersPerWorker: 'MEMBERS_PER_WORKER',
  allowedOrigins: 'ALLOWED_ORIGINS',
  guards: 'GUARDS',
  approval: 'APPROVAL',
  stage: 'STAGE',
} as const;

/** Index of the `current` table by channel and position. */
export const CURRENT_POSITION_INDEX = 'byPosition';

/** Index of the `staged` table: rollouts that may have something to be done. */
export const OPEN_ROLLOUTS_INDEX = 'open';

/** Index of the `sales` table by day, shard and minute, with the sums alone. */
export const SALES_BUCKET_INDEX = 'byBucket';

/** Index of the `stores` table: the stores of the roster by part of the fleet and id. */
export const STORE_LIST_INDEX = 'list';

/** Item of the `stores` table that says until when somebody watches: no store has such a name. */
export const PACE_KEY = '#pace';

/** Partition of the `staged` table that holds the rollouts, each with what was decided about it. */
export const ROLLOUT_KEY = 'rollout';

/** Where the local cloud gives its own page a publisher's token; on AWS this path does not exist. */
export const LOCAL_TOKEN_PATH = '/_local/token';
