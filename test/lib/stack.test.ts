/** The shape of the template: what CloudFormation is asked for, beyond what AWS's own validation sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Environment } from '../../domain/names.ts';
import { handlerBundle } from '../../lib/bundle/bundles.ts';
import { apiArn, mayDo, serviceMayDo } from './access.ts';
import { removeBundlesAfterAll } from './own-bundles.ts';
import { REGION, rawTemplate, resourceAt, resourcesOf, stack } from './template.ts';

removeBundlesAfterAll();
const functions = resourcesOf('AWS::Lambda::Function');
const named = functions.map(handler => [handler.path, handler] as const);

const mappings = resourcesOf('AWS::Lambda::EventSourceMapping').map(({ properties }) => {
  const handler = functions.find(({ ref }) => ref === properties.FunctionName);
  if (handler === undefined) throw new Error('an event source without its function');
  return { properties, handler };
});

/** The queues that Lambda polls, and for whom. */
const eventSources = mappings.flatMap(mapping => {
  const queue = resourcesOf('AWS::SQS::Queue').find(({ arn }) => arn === mapping.properties.EventSourceArn);
  return queue === undefined ? [] : [{ ...mapping, queue }];
});

/** The streams that it reads. */
const streamSources = mappings.flatMap(mapping => {
  const tables = resourcesOf('AWS::DynamoDB::GlobalTable');
  const table = tables.find(({ arn }) => mapping.properties.EventSourceArn.startsWith(`${arn}/stream/`));
  return table === undefined ? [] : [{ ...mapping, table }];
});

it('has the outputs of the contract', () => {
  expect(stack.outputs()).toEqual({
    StoreEndpoint: `wss://${apiId('Stores/Api')}.execute-api.${REGION}.amazonaws.com/prod`,
    ManagementUrl: `https://${apiId('Management/Api')}.execute-api.${REGION}.amazonaws.com/`,
    EventBusName: resourceAt('AWS::Events::EventBus', 'Broadcast/Bus').ref,
    OutboundBusName: resourceAt('AWS::Events::EventBus', 'Outbound/Bus').ref,
    DeadLetterQueueUrl: resourceAt('AWS::SQS::Queue', 'Broadcast/DeadLetters').ref,
    RedeliveryQueueUrl: resourceAt('AWS::SQS::Queue', 'Broadcast/Redelivery').ref,
    RedeliveryDeadLetterQueueUrl: resourceAt('AWS::SQS::Queue', 'Broadcast/RedeliveryDeadLetters').ref,
    OutboundDeadLetterQueueUrl: resourceAt('AWS::SQS::Queue', 'OutboundFeed/DeadLetters').ref,
    TokenKeyId: resourceAt('AWS::KMS::Key', 'TokenKey/Key').ref,
    Region: REGION,
  });
});

describe.each(named)('%s', (path, { logicalId, properties }) => {
  it('runs Node 24 on arm64', () => {
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
  });

  it('has a log group of its own, which forgets after a month', () => {
    const group = resourceAt('AWS::Logs::LogGroup', `${path}Logs`);
    expect(properties.LoggingConfig.LogGroup).toEqual(group.ref);
    expect(group.properties.RetentionInDays).toBe(30);
  });

  it('logs of its own what it does, and of Lambda what went wrong', () => {
    const { ApplicationLogLevel, LogFormat, SystemLogLevel } = properties.LoggingConfig;
    expect([LogFormat, SystemLogLevel, ApplicationLogLevel]).toEqual(['JSON', 'WARN', undefined]);
  });

  it('is told nothing but what the handlers read', () => {
    const known = new Set<string>(Object.values(Environment));
    const told = Object.keys(properties.Environment?.Variables ?? {});
    expect(told.filter(name => !known.has(name))).toEqual([]);
  });

  it('is complete before it is invoked: its policies come first', () => {
    const attached = resourcesOf('AWS::IAM::Policy').filter(policy => policy.path.startsWith(`${path}Role/`));
    const { DependsOn = [] } = rawTemplate.Resources[logicalId] as { DependsOn?: string[] };
    expect(DependsOn).toEqual(expect.arrayContaining(attached.map(policy => policy.logicalId)));
  });
});

it('has no log group without its function', () => {
  expect(resourcesOf('AWS::Logs::LogGroup')).toHaveLength(functions.length);
});

it.each<[string, string]>([
  ['Stores/Authorize', 'authorize'],
  ['Stores/Connect', 'connect'],
  ['Stores/Disconnect', 'disconnect'],
  ['Stores/Default', 'default'],
  ['Broadcast/Function', 'broadcast'],
  ['Broadcast/Redeliver', 'redeliver'],
  ['Live/Function', 'live'],
  ['Management/Function', 'management'],
  ['SalesRollup/Function', 'rollup'],
  ['Gauge/Function', 'gauge'],
  ['ReceiptGatherer/Function', 'gather'],
  ['OutboundFeed/Function', 'outbound'],
  ['DriftFinder/Function', 'drift'],
  ['Rollouts/Decisions/Function', 'rollouts'],
])('%s runs the handler %s', (path, handler) => {
  const { Code } = resourceAt('AWS::Lambda::Function', path).properties;
  const asset = stack.assetDirectory(Code.S3Key);
  expect(readdirSync(asset)).toEqual(readdirSync(handlerBundle(handler)));
  const bundle = join(handlerBundle(handler), 'index.cjs');
  // Not what differs: half a megabyte on a line.
  expect(readFileSync(join(asset, 'index.cjs')).equals(readFileSync(bundle))).toBe(true);
});

type Keys = Record<string, 'S' | 'N'>;
interface TableRow {
  table: string;
  /** Hash key first. */
  keys: Keys;
  indexes: Record<string, { keys: Keys; projection: object }>;
  /** Its items can't be had again. */
  mustLast: boolean;
  /** What its stream tells, no more than is read there. */
  stream?: string;
}

const WHOLE = { ProjectionType: 'ALL' };
/** A minute with its sales is a hundred times as large. */
const KEYS = { ProjectionType: 'KEYS_ONLY' };
const SUMS = { ProjectionType: 'INCLUDE', NonKeyAttributes: ['n', 'a', 'q', 'r'] };
const PLACEMENTS = {
  ProjectionType: 'INCLUDE',
  NonKeyAttributes: [
    ...['firstSeenAt', 'region', 'groups', 'placedRegion', 'placedGroups'],
    ...['adriftBook', 'expectedBook', 'adriftSince', 'isAdrift'],
  ],
};

const tables: TableRow[] = [
  {
    table: 'Connections',
    keys: { s: 'N', m: 'S' },
    indexes: {},
    mustLast: false,
    stream: 'NEW_AND_OLD_IMAGES',
  },
  {
    table: 'Updates',
    keys: { channel: 'S', position: 'N' },
    indexes: {},
    mustLast: true,
    stream: 'KEYS_ONLY',
  },
  {
    table: 'Current',
    keys: { channel: 'S', subject: 'S' },
    indexes: { byPosition: { keys: { channel: 'S', position: 'N' }, projection: WHOLE } },
    mustLast: true,
  },
  {
    table: 'Stores',
    keys: { storeId: 'S' },
    indexes: { list: { keys: { part: 'N', storeId: 'S' }, projection: PLACEMENTS } },
    mustLast: true,
    stream: 'NEW_AND_OLD_IMAGES',
  },
  { table: 'Inbox', keys: { s: 'N', a: 'S' }, indexes: {}, mustLast: true, stream: 'NEW_IMAGE' },
  { table: 'Receipts', keys: { updateShard: 'S', part: 'S' }, indexes: {}, mustLast: true },
  {
    table: 'Staged',
    keys: { kind: 'S', id: 'S' },
    indexes: { open: { keys: { open: 'S', id: 'S' }, projection: KEYS } },
    mustLast: true,
    stream: 'NEW_AND_OLD_IMAGES',
  },
  {
    table: 'Sales',
    keys: { k: 'S', m: 'S' },
    indexes: { byBucket: { keys: { b: 'S', m: 'S' }, projection: SUMS } },
    mustLast: true,
    stream: 'NEW_IMAGE',
  },
  { table: 'Hours', keys: { monthBucket: 'S', hourPart: 'S' }, indexes: {}, mustLast: false },
];

it('has no other tables than those below', () => {
  const paths = resourcesOf('AWS::DynamoDB::GlobalTable').map(({ path }) => path);
  expect(paths.sort()).toEqual(tables.map(({ table }) => `Tables/${table}/Table`).sort());
});

describe.each(tables)('the table $table', ({ table, keys, indexes, mustLast, stream: told }) => {
  const { logicalId, properties } = resourceAt('AWS::DynamoDB::GlobalTable', `Tables/${table}/Table`);
  const schemaOf = (names: Keys) =>
    Object.keys(names).map((AttributeName, index) => ({
      AttributeName,
      KeyType: index === 0 ? 'HASH' : 'RANGE',
    }));

  it('is billed by the request', () => {
    expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
  });

  it('has the keys that its module knows', () => {
    expect(properties.KeySchema).toEqual(schemaOf(keys));
    const attributes = Object.entries(
      Object.assign({}, keys, ...Object.values(indexes).map(index => index.keys)),
    );
    expect(properties.AttributeDefinitions).toEqual(
      expect.arrayContaining(
        attributes.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      ),
    );
    expect(properties.AttributeDefinitions).toHaveLength(attributes.length);
  });

  it('has the indexes that its module asks, with what it reads there', () => {
    expect(properties.GlobalSecondaryIndexes ?? []).toEqual(
      Object.entries(indexes).map(([IndexName, { keys: names, projection }]) => ({
        IndexName,
        KeySchema: schemaOf(names),
        Projection: projection,
      })),
    );
  });

  it(told === undefined ? 'has no stream' : 'tells by its stream what is read there', () => {
    expect(properties.StreamSpecification?.StreamViewType).toBe(told);
  });

  it('lets go of what is over', () => {
    const AttributeName = ['Connections', 'Inbox'].includes(table) ? 'x' : 'expiresAt';
    expect(properties.TimeToLiveSpecification).toEqual({ AttributeName, Enabled: true });
  });

  it(mustLast ? 'outlives the stack, and can be restored to any second' : 'goes with the stack', () => {
    // A first deployment that fails leaves none behind: there is nothing in it.
    const policies = mustLast ? ['RetainExceptOnCreate', 'Retain'] : ['Delete', 'Delete'];
    const { DeletionPolicy, UpdateReplacePolicy } = rawTemplate.Resources[logicalId] ?? {};
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(policies);
    expect(properties.Replicas).toHaveLength(1);
    const { PointInTimeRecoverySpecification } = properties.Replicas[0];
    expect(PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false).toBe(mustLast);
  });
});

describe('the token key', () => {
  const { logicalId, properties } = resourceAt('AWS::KMS::Key', 'TokenKey/Key');

  it('signs with ECDSA over P-256', () => {
    expect(properties).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  });

  it('outlives the stack', () => {
    expect(rawTemplate.Resources[logicalId]).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });
});

describe('the WebSocket API', () => {
  const api = apiId('Stores/Api');
  const routes = resourcesOf('AWS::ApiGatewayV2::Route').filter(({ properties }) => properties.ApiId === api);
  const routeOf = (key: string) => routes.find(({ properties }) => properties.RouteKey === key);

  it('has three routes', () => {
    const keys = routes.map(({ properties }) => properties.RouteKey);
    expect(keys.sort()).toEqual(['$connect', '$default', '$disconnect']);
  });

  it('asks the authorizer at $connect, whatever the handshake brings', () => {
    const connect = routeOf('$connect');
    const authorizer = resourceAt('AWS::ApiGatewayV2::Authorizer', 'Stores/Api/Authorizer');
    expect(connect?.properties).toMatchObject({
      AuthorizationType: 'CUSTOM',
      AuthorizerId: authorizer.ref,
    });
    expect(authorizer.properties).toMatchObject({ AuthorizerType: 'REQUEST', IdentitySource: [] });
    const authorize = resourceAt('AWS::Lambda::Function', 'Stores/Authorize');
    expect(authorizer.properties.AuthorizerUri).toContain(`/functions/${authorize.arn}/invocations`);
  });

  it('answers a frame on $default, and on no other route', () => {
    const responses = resourcesOf('AWS::ApiGatewayV2::RouteResponse');
    expect(responses.map(({ properties }) => properties)).toEqual([
      { ApiId: api, RouteId: routeOf('$default')?.ref, RouteResponseKey: '$default' },
    ]);
    expect(routeOf('$default')?.properties.RouteResponseSelectionExpression).toBe('$default');
  });

  it('deploys itself', () => {
    const stage = resourceAt('AWS::ApiGatewayV2::Stage', 'Stores/Stage');
    expect(stage.properties).toMatchObject({ StageName: 'prod', AutoDeploy: true });
  });
});

describe('who may invoke', () => {
  const stores = apiId('Stores/Api');
  const management = apiId('Management/Api');
  const authorizer = resourceAt('AWS::ApiGatewayV2::Authorizer', 'Stores/Api/Authorizer').ref;
  const rule = resourceAt('AWS::Events::Rule', 'Broadcast/Rule').arn;
  const rollups = resourceAt('AWS::Events::Rule', 'SalesRollup/Rule').arn;
  const gauge = resourceAt('AWS::Events::Rule', 'Gauge/Rule').arn;
  const gatherer = resourceAt('AWS::Events::Rule', 'ReceiptGatherer/Rule').arn;
  const decisions = resourceAt('AWS::Events::Rule', 'Rollouts/Decisions/Rule').arn;

  const driftFinder = resourceAt('AWS::Events::Rule', 'DriftFinder/Rule').arn;

  const gateway = 'apigateway.amazonaws.com';
  /** Whoever could call: a route, an authorizer, a rule, and others like them. */
  const callers = new Map<string, [service: string, sourceArn: string]>([
    ...['$connect', '$disconnect', '$default', 'sales'].map(
      key => [key, [gateway, apiArn(stores, `prod/${key}`)]] as [string, [string, string]],
    ),
    ['the authorizer', [gateway, apiArn(stores, `authorizers/${authorizer}`)]],
    ['another authorizer', [gateway, apiArn(stores, 'authorizers/other')]],
    ['the HTTP API', [gateway, apiArn(management, '$default/$default')]],
    ['another API', [gateway, apiArn('other', 'prod/$connect')]],
    ['the rule', ['events.amazonaws.com', rule]],
    ['the schedule of roll-ups', ['events.amazonaws.com', rollups]],
    ['the schedule of the gauge', ['events.amazonaws.com', gauge]],
    ['the schedule of the gatherer', ['events.amazonaws.com', gatherer]],
    ['the schedule of the drift finder', ['events.amazonaws.com', driftFinder]],
    ['the schedule of rollouts', ['events.amazonaws.com', decisions]],
    ['another rule', ['events.amazonaws.com', `${rule}2`]],
    ['the rule’s ARN as API Gateway', [gateway, rule]],
    ['another service', ['s3.amazonaws.com', 'arn:aws:s3:::bucket']],
  ]);

  const invokers: Record<string, string[]> = {
    'Stores/Authorize': ['the authorizer'],
    'Stores/Connect': ['$connect'],
    'Stores/Disconnect': ['$disconnect'],
    'Stores/Default': ['$default'],
    'Broadcast/Function': ['the rule'],
    // Lambda itself polls its queue, and the tables' streams: nobody needs to be let in.
    'Broadcast/Redeliver': [],
    'Live/Function': [],
    'Management/Function': ['the HTTP API'],
    'SalesRollup/Function': ['the schedule of roll-ups'],
    'Gauge/Function': ['the schedule of the gauge'],
    'ReceiptGatherer/Function': ['the schedule of the gatherer'],
    'OutboundFeed/Function': [],
    'DriftFinder/Function': ['the schedule of the drift finder'],
    'Rollouts/Decisions/Function': ['the schedule of rollouts'],
  };

  it.each(named)('%s: nobody but its own trigger', (path, handler) => {
    const allowed = [...callers].filter(([, [service, source]]) =>
      serviceMayDo(service, source, 'lambda:InvokeFunction', handler.arn),
    );
    expect(allowed.map(([name]) => name)).toEqual(invokers[path]);
  });
});

describe('dead letters', () => {
  // What a schedule started and failed, its next time does: nothing is lost.
  const onEvents = resourcesOf('AWS::Events::Rule').filter(({ properties }) => properties.EventPattern);
  const rules = onEvents.flatMap(rule =>
    rule.properties.Targets.map((target: { Arn: string; DeadLetterConfig?: { Arn: string } }) => ({
      rule: rule.arn,
      target: target.Arn,
      queue: target.DeadLetterConfig?.Arn,
    })),
  );
  const invokeConfigs = resourcesOf('AWS::Lambda::EventInvokeConfig');

  it('of every rule find a queue that takes them, from this rule alone', () => {
    expect(rules.length).toBeGreaterThan(0);
    for (const { rule, queue } of rules) {
      const mayFrom = (source: string) =>
        serviceMayDo('events.amazonaws.com', source, 'sqs:SendMessage', String(queue));
      expect(mayFrom(rule)).toBe(true);
      expect(mayFrom(`${rule}2`)).toBe(false);
    }
  });

  it('of every function that a rule invokes find a queue, which its role may send to', () => {
    for (const { target } of rules) {
      const handler = functions.find(({ arn }) => arn === target);
      const config = invokeConfigs.find(({ properties }) => properties.FunctionName === handler?.ref);
      const queue = config?.properties.DestinationConfig?.OnFailure?.Destination;
      expect(queue).toMatch(/^arn:aws:sqs:/);
      expect(handler && mayDo(handler, 'sqs:SendMessage', queue)).toBe(true);
    }
  });

  const queues = resourcesOf('AWS::SQS::Queue');
  const deadLetterQueues = queues.filter(({ path }) => path.endsWith('DeadLetters'));

  it('of every polled queue find a queue of its own, after more than one attempt', () => {
    const targets = eventSources.map(({ queue }) => queue.properties.RedrivePolicy);
    for (const redrive of targets) {
      expect(deadLetterQueues.map(({ arn }) => arn)).toContain(redrive?.deadLetterTargetArn);
      expect(redrive?.maxReceiveCount).toBeGreaterThan(1);
    }
    // Not that of the events either: what ends there is redriven in another way.
    const all = [
      ...targets.map(redrive => redrive?.deadLetterTargetArn),
      ...new Set(rules.map(({ queue }) => queue)),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(deadLetterQueues.map(queue => [queue.path, queue] as const))(
    'are kept for 14 days in %s',
    (_, queue) => {
      expect(queue.properties.MessageRetentionPeriod).toBe(1_209_600);
      expect(queue.properties.RedrivePolicy).toBeUndefined();
    },
  );

  it.each(queues.map(queue => [queue.path, queue] as const))('lie and travel encrypted in %s', (_, queue) => {
    expect(queue.properties.SqsManagedSseEnabled).toBe(true);
    const policy = resourcesOf('AWS::SQS::QueuePolicy').find(({ properties }) =>
      properties.Queues.includes(queue.ref),
    );
    expect(policy?.properties.PolicyDocument.Statement).toContainEqual({
      Effect: 'Deny',
      Action: 'sqs:*',
      Principal: { AWS: '*' },
      Resource: queue.arn,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });
});

describe('redelivery', () => {
  it('is the only queue that a function polls', () => {
    expect(eventSources.map(({ queue, handler }) => [queue.path, handler.path])).toEqual([
      ['Broadcast/Redelivery', 'Broadcast/Redeliver'],
    ]);
  });

  it.each(eventSources.map(source => [source.handler.path, source] as const))(
    'lets %s give back single messages of a batch',
    (_, { properties }) => {
      expect(properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(properties.BatchSize).toBeLessThanOrEqual(10);
      expect(properties.Enabled ?? true).toBe(true);
    },
  );

  // AWS Lambda Developer Guide, "Configuring a queue to use with Lambda".
  it.each(eventSources.map(source => [source.queue.path, source] as const))(
    'hides the messages of %s for at least six times the function’s timeout',
    (_, { queue, handler }) => {
      expect(queue.properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * handler.properties.Timeout);
    },
  );
});

describe('the streams', () => {
  type StreamSource = (typeof streamSources)[number];
  /** Of one partition of its table, at once. */
  const readers: Record<string, string> = {
    Stores: 'Broadcast/Function',
    Staged: 'Rollouts/Decisions/Function',
  };
  const isOfPartition = ({ table }: StreamSource) =>
    Object.keys(readers).some(name => table.path === `Tables/${name}/Table`);

  const isOutbound = ({ handler }: StreamSource) => handler.path === 'OutboundFeed/Function';
  const isLive = (source: StreamSource) => !isOfPartition(source) && !isOutbound(source);

  it('are read: those of the pace and of rollouts by whom they concern, the others by the live and the outbound function', () => {
    const read = streamSources.map(({ handler, table }) => `${handler.path} ${table.path}`);
    const watched = tables.filter(({ stream: told }) => told !== undefined);
    const readersOf = (table: string) => {
      const reader = readers[table];
      if (table === 'Staged') return ['Rollouts/Decisions/Function', 'OutboundFeed/Function'];
      return reader === undefined ? ['Live/Function', 'OutboundFeed/Function'] : [reader];
    };
    const expected = watched.flatMap(({ table }) =>
      readersOf(table).map(reader => `${reader} Tables/${table}/Table`),
    );
    expect(read.sort()).toEqual(expected.sort());
    expect(mappings).toHaveLength(eventSources.length + streamSources.length);
  });

  it.each(streamSources.filter(isLive).map(source => [source.table.path, source] as const))(
    'of %s are gathered for a second, and hold up newer changes for a minute at most',
    (_, { properties }) => {
      expect(properties).toMatchObject({
        StartingPosition: 'LATEST',
        MaximumBatchingWindowInSeconds: 1,
        MaximumRetryAttempts: 2,
        MaximumRecordAgeInSeconds: 60,
      });
      expect(properties.Enabled ?? true).toBe(true);
    },
  );

  it.each(streamSources.filter(isOutbound).map(source => [source.table.path, source] as const))(
    'of %s are read for the outbound bus from the first change on, and none is given up unheard',
    (_, { properties, table }) => {
      expect(properties).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        MaximumBatchingWindowInSeconds: table.path === 'Tables/Inbox/Table' ? 15 : 5,
        BisectBatchOnFunctionError: true,
        MaximumRecordAgeInSeconds: 72_000,
        DestinationConfig: {
          OnFailure: { Destination: resourceAt('AWS::SQS::Queue', 'OutboundFeed/DeadLetters').arn },
        },
      });
      // Without an end.
      expect(properties.MaximumRetryAttempts ?? -1).toBe(-1);
    },
  );

  it('tell managers of receipts as they come, and of nothing else there', () => {
    const filtered = streamSources.filter(source => isLive(source) && 'FilterCriteria' in source.properties);
    expect(filtered.map(({ table, properties }) => [table.path, properties.FilterCriteria])).toEqual([
      ['Tables/Inbox/Table', { Filters: [{ Pattern: JSON.stringify({ eventName: ['INSERT'] }) }] }],
    ]);
  });

  it.each([
    ['the pace', 'Stores', { storeId: { S: ['#pace'] } }],
    ['what is decided about rollouts', 'Staged', { kind: { S: ['rollout'] } }],
  ])('tell of %s alone, at once', (_, name, Keys) => {
    const [{ properties } = { properties: {} }, ...others] = streamSources.filter(
      source => source.table.path === `Tables/${name}/Table` && !isOutbound(source),
    );
    expect(others).toEqual([]);
    expect(properties).toMatchObject({
      StartingPosition: 'LATEST',
      FilterCriteria: {
        Filters: [{ Pattern: JSON.stringify({ dynamodb: { Keys } }) }],
      },
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 60,
    });
    expect(properties).not.toHaveProperty('MaximumBatchingWindowInSeconds');
  });
});

it('takes events of any source but AWS’s own', () => {
  const { properties } = resourceAt('AWS::Events::Rule', 'Broadcast/Rule');
  expect(properties).toMatchObject({
    State: 'ENABLED',
    EventBusName: resourceAt('AWS::Events::EventBus', 'Broadcast/Bus').ref,
    EventPattern: { source: [{ 'anything-but': { prefix: 'aws.' } }] },
  });
});

it.each([
  ['looks for hours to roll up', 'SalesRollup/Rule', 'rate(5 minutes)'],
  ['counts the connected stores', 'Gauge/Rule', 'rate(1 minute)'],
  ['gathers receipts', 'ReceiptGatherer/Rule', 'rate(1 minute)'],
  ['compares books', 'DriftFinder/Rule', 'rate(1 minute)'],
  ['decides about rollouts', 'Rollouts/Decisions/Rule', 'rate(1 minute)'],
])('%s on its schedule', (_title, path, schedule) => {
  const { properties } = resourceAt('AWS::Events::Rule', path);
  expect(properties).toMatchObject({ State: 'ENABLED', ScheduleExpression: schedule });
});

function apiId(path: string): string {
  return resourceAt('AWS::ApiGatewayV2::Api', path).ref;
}
