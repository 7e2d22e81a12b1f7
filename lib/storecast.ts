/** The whole system: read this file as its architecture. */
import { CfnOutput, Duration, Stack, Tags } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import { domainOutputDescriptions, type OutputName, outputDescriptions } from '../domain/outputs.ts';
import { ANY_TOPIC, NO_TOPIC } from '../domain/updates/topics.ts';
import { recordAccess } from './access-logs.ts';
import { Broadcast } from './broadcast-pipeline.ts';
import type { CustomDomain } from './custom-domain.ts';
import { EventSchemas } from './event-schemas.ts';
import { Live } from './live-push.ts';
import { ManagementApi } from './management-api.ts';
import { nameDeployment } from './naming/deployment-name.ts';
import { Observability } from './observability/observability.ts';
import { OutboundBus } from './outbound/outbound-bus.ts';
import { OutboundFeed } from './outbound/outbound-feed.ts';
import { ScheduledFunction } from './scheduled-function.ts';
import { type Configuration, completeConfiguration } from './settings/configuration.ts';
import { fleetSize } from './settings/fleet-size.ts';
import { tellRules } from './settings/publishing-rules.ts';
import { reservedConcurrency, throttleOf, watchedReportMsOf } from './settings/quotas.ts';
import { StagedRollouts } from './staged-rollouts.ts';
import { StoreApi } from './store-api.ts';
import { Tables } from './tables.ts';
import { type ExternalIssuer, TokenKey } from './token-key.ts';

/** The settings of docs/operating.md, "Environments". What is left out is as in its column "none". */
export interface StorecastProps extends Partial<Configuration> {}

/**
 * The live line between a chain and its stores: event bus, broadcast, WebSocket API of the stores, HTTP API and page of
 * head office, tables, alarms. Construct ids in it are a contract: another id replaces the resource and its data.
 *
 * @example
 * const storecast = new Storecast(stack, 'Storecast', { alarmAddress: 'ops@example.com' });
 * storecast.grantPublish(priceEngine);
 */
export class Storecast extends Construct {
  /** Where marketing publishes. */
  readonly bus: EventBus;
  /** Where the chain's other systems hear what happens: give it rules of your own. */
  readonly outbound: EventBus;
  /** The WebSocket API of the stores. */
  readonly stores: StoreApi;
  /** The HTTP API of head office, and its page. */
  readonly management: ManagementApi;
  readonly tables: Tables;
  /** The alarms, the topic that they tell, and the one of them that pages. */
  readonly alarms: Observability;
  /** Where stores connect: `wss://…`. */
  readonly storeEndpoint: string;
  /** Where head office calls: `https://…/`. */
  readonly managementUrl: string;
  readonly #broadcast: Broadcast;
  readonly #outboundDeadLetters: Queue;
  readonly #tokenKey: TokenKey;

  /** @throws Error for a setting that there is not, and for a value that it can't have */
  constructor(scope: Construct, id: string, props: StorecastProps = {}) {
    super(scope, id);
    nameDeployment(this);
    const settings = completeConfiguration(props);
    const tokenKey = new TokenKey(this, 'TokenKey', {
      generation: settings.tokenKeyGeneration,
      keepData: settings.keepData,
      ...issuerOf(settings),
    });
    const size = fleetSize(settings.stores);
    const watchedReportMs = watchedReportMsOf(settings.stores, settings);
    const tables = new Tables(this, 'Tables', {
      size,
      retentionDays: settings.retentionDays,
      salesDays: settings.salesDays,
      protection: settings,
    });
    const outbound = new OutboundBus(this, 'Outbound');
    const messageTopics = settings.messageTopics?.join(' ') ?? ANY_TOPIC;
    const reserved = reservedConcurrency(settings.lambdaConcurrency);
    const stores = new StoreApi(this, 'Stores', {
      tables,
      tokenKey,
      throttle: throttleOf('line', settings),
      reserved,
      oldestSaleDays: settings.oldestSaleDays,
      restingReportSeconds: settings.restingReportSeconds,
      watchedReportMs,
      outbound,
      messageTopics: settings.outbound.includes('StoreMessage') ? messageTopics : NO_TOPIC,
      ...domainOf(settings.storeDomainName, settings),
    });
    const broadcast = new Broadcast(this, 'Broadcast', {
      tables,
      stores,
      postsPerSecond: settings.postsPerSecond,
      postBurst: settings.postBurst,
      membersPerWorker: size.membersPerWorker,
      watchedReportMs,
      restingReportSeconds: settings.restingReportSeconds,
      messageTopics,
      reserved,
    });
    const rollup = new ScheduledFunction(this, 'SalesRollup', {
      handler: 'rollup',
      description: 'Rolls up the hours of the sales that have ended',
      every: Duration.minutes(5),
      timeout: Duration.minutes(3),
      memorySize: 1_769,
    });
    tables.grantSales(rollup.handler, 'Query');
    tables.hours.grantTo(rollup.handler, 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem');
    const gather = new ScheduledFunction(this, 'ReceiptGatherer', {
      handler: 'gather',
      description: 'Gathers the receipts of the stores by update',
      every: Duration.minutes(1),
      timeout: Duration.minutes(1),
      memorySize: 512,
    });
    tables.grantInbox(gather.handler, 'GetItem', 'Query', 'UpdateItem');
    tables.receipts.grantTo(gather.handler, 'PutItem');
    const drift = new ScheduledFunction(this, 'DriftFinder', {
      handler: 'drift',
      description: 'Finds stores whose price book is not what it should be',
      every: Duration.minutes(1),
      timeout: Duration.minutes(1),
      memorySize: 512,
    });
    tables.stores.grantTo(drift.handler, 'Scan', 'UpdateItem');
    drift.handler.addEnvironment(Environment.fleetParts, String(size.fleetParts));
    tables.grantCatchUp(drift.handler);
    const rollouts = new StagedRollouts(this, 'Rollouts', { tables, bus: broadcast.bus });
    const management = new ManagementApi(this, 'Management', {
      tables,
      stores,
      tokenKey,
      bus: broadcast.bus,
      messageTopics,
      throttle: throttleOf('http', settings),
      ...domainOf(settings.managementDomainName, settings),
    });
    tellRules(settings, broadcast.broadcast, management.management, rollouts.handler);
    const gauge = new ScheduledFunction(this, 'Gauge', {
      handler: 'gauge',
      description: 'Counts the connected stores, for dashboard and alarm',
      every: Duration.minutes(1),
      timeout: Duration.seconds(30),
    });
    tables.grantConnections(gauge.handler, 'Query');
    const { live } = new Live(this, 'Live', { tables, stores });
    const { feed, deadLetters: outboundDeadLetters } = new OutboundFeed(this, 'OutboundFeed', {
      tables,
      bus: outbound,
      types: settings.outbound,
      gatherSeconds: settings.outboundGatherSeconds,
    });
    stores.allowOrigins(management.origin, ...settings.allowedOrigins);
    management.allowOrigins(...settings.allowedOrigins);
    if (settings.publishers.length > 0) {
      broadcast.denyOtherPublishers(management.roleArn, rollouts.roleArn, ...settings.publishers);
    }
    const { alarmAddress } = settings;
    const { bus, deadLetters, redelivery, redeliveryDeadLetters } = broadcast;
    const alarms = new Observability(this, 'Observability', {
      observed: {
        functions: {
          Authorize: stores.authorize,
          Connect: stores.connect,
          Disconnect: stores.disconnect,
          Default: stores.fallback,
          Broadcast: broadcast.broadcast,
          Redeliver: broadcast.redeliver,
          Live: live,
          Management: management.management,
          Rollup: rollup.handler,
          Gauge: gauge.handler,
          Gather: gather.handler,
          Outbound: feed,
          Drift: drift.handler,
          Rollouts: rollouts.handler,
        },
        queues: { deadLetters, redelivery, redeliveryDeadLetters, outboundDeadLetters },
        bus,
        updates: broadcast.rule,
        schedules: {
          Rollup: rollup.rule,
          Gauge: gauge.rule,
          Gather: gather.rule,
          Drift: drift.rule,
          Rollouts: rollouts.rule,
        },
        line: stores.stage,
      },
      ...(alarmAddress === undefined ? {} : { alarmAddress }),
    });
    if (settings.eventSchemas) new EventSchemas(this, 'EventSchemas');
    recordAccess(this, { line: stores.stage, http: management.stage }, settings);
    for (const child of this.node.findAll())
      if (child instanceof CfnLogGroup) child.retentionInDays = settings.logDays;
    for (const [name, value] of Object.entries(settings.tags ?? {})) Tags.of(this).add(name, value);

    this.bus = bus;
    this.outbound = outbound.bus;
    this.#outboundDeadLetters = outboundDeadLetters;
    this.stores = stores;
    this.management = management;
    this.tables = tables;
    this.alarms = alarms;
    this.storeEndpoint = stores.endpoint;
    this.managementUrl = `${management.origin}/`;
    this.#broadcast = broadcast;
    this.#tokenKey = tokenKey;
  }

  /** Lets a role, a user or a function put events on the bus, also where the setting `publishers` denies all others. */
  grantPublish(grantee: IGrantable): Grant {
    this.#broadcast.admitPublisher(grantee);
    return this.bus.grantPutEventsTo(grantee, 'Publish');
  }

  /**
   * Adds to the stack the outputs by which `npx storecast --outputs` finds the system. They go by their own names, which
   * a stack has once: a second Storecast of the same stack has none.
   */
  addOutputs(): void {
    const { deadLetters, redelivery, redeliveryDeadLetters } = this.#broadcast;
    const values: Record<OutputName, string> = {
      StoreEndpoint: this.storeEndpoint,
      ManagementUrl: this.managementUrl,
      EventBusName: this.bus.eventBusName,
      OutboundBusName: this.outbound.eventBusName,
      DeadLetterQueueUrl: deadLetters.queueUrl,
      RedeliveryQueueUrl: redelivery.queueUrl,
      RedeliveryDeadLetterQueueUrl: redeliveryDeadLetters.queueUrl,
      OutboundDeadLetterQueueUrl: this.#outboundDeadLetters.queueUrl,
      TokenKeyId: this.#tokenKey.key.keyId,
      Region: Stack.of(this).region,
    };
    const targets = {
      StoreDomainTarget: this.stores.domainTarget,
      ManagementDomainTarget: this.management.domainTarget,
    };
    this.#output(outputDescriptions, values);
    this.#output(domainOutputDescriptions, targets);
  }

  /** Outputs of the stack: in a construct, CDK would put the path of that before their names. */
  #output<Name extends string>(
    descriptions: Readonly<Record<Name, string>>,
    values: Record<Name, string | undefined>,
  ): void {
    for (const [name, description] of Object.entries<string>(descriptions)) {
      const value = values[name as Name];
      if (value !== undefined) new CfnOutput(Stack.of(this), name, { value, description });
    }
  }
}

function domainOf(
  domainName: string | undefined,
  { certificateArn }: Configuration,
): { domain?: CustomDomain } {
  if (domainName === undefined || certificateArn === undefined) return {};
  return { domain: { domainName, certificateArn } };
}

function issuerOf({ issuer, jwksUrl, audience }: Configuration): { externalIssuer?: ExternalIssuer } {
  if (issuer === undefined || jwksUrl === undefined || audience === undefined) return {};
  return { externalIssuer: { issuer, jwksUrl, audience } };
}
