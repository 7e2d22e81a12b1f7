/** The whole system: read this file as its architecture. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type OutputName, outputDescriptions } from '../domain/outputs.ts';
import { recordAccess } from './access-logs.ts';
import { Broadcast } from './broadcast-pipeline.ts';
import { type Configuration, defaultConfiguration } from './configuration.ts';
import type { CustomDomain } from './custom-domain.ts';
import { Gauge } from './gauge.ts';
import { Live } from './live-push.ts';
import { ManagementApi } from './management-api.ts';
import { Observability } from './observability/observability.ts';
import { SalesRollup } from './sales-rollup.ts';
import { StoreApi } from './store-api.ts';
import { Tables } from './tables.ts';
import { type ExternalIssuer, TokenKey } from './token-key.ts';

/** What is left out is as in `defaultConfiguration`. */
export interface StorecastStackProps extends StackProps, Omit<Partial<Configuration>, 'tags'> {}

export class StorecastStack extends Stack {
  constructor(scope: Construct, id: string, props: StorecastStackProps = {}) {
    super(scope, id, props);
    const settings = { ...defaultConfiguration, ...props };
    const tokenKey = new TokenKey(this, 'TokenKey', {
      generation: settings.tokenKeyGeneration,
      keepData: settings.keepData,
      ...issuerOf(settings),
    });
    const tables = new Tables(this, 'Tables', {
      connectionShards: settings.connectionShards,
      retentionDays: atLeastTwoDays(settings.retentionDays),
      protection: settings,
    });
    const stores = new StoreApi(this, 'Stores', {
      tables,
      tokenKey,
      ...domainOf(settings.storeDomainName, settings),
    });
    const broadcast = new Broadcast(this, 'Broadcast', {
      tables,
      stores,
      postsPerSecond: settings.postsPerSecond,
      postBurst: settings.postBurst,
      membersPerWorker: settings.membersPerWorker,
    });
    const sales = new SalesRollup(this, 'SalesRollup', { tables });
    const management = new ManagementApi(this, 'Management', {
      tables,
      stores,
      tokenKey,
      bus: broadcast.bus,
      ...domainOf(settings.managementDomainName, settings),
    });
    const { gauge, rule: gaugeRule } = new Gauge(this, 'Gauge', { tables });
    const { live } = new Live(this, 'Live', { tables, stores });
    stores.allowOrigins(management.origin, ...settings.allowedOrigins);
    const { publishers } = settings;
    if (publishers.length > 0) broadcast.denyOtherPublishers(management.roleArn, ...publishers);
    const { alarmAddress } = settings;
    const { deadLetters, redelivery, redeliveryDeadLetters } = broadcast;
    new Observability(this, 'Observability', {
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
          Rollup: sales.rollup,
          Gauge: gauge,
        },
        queues: { deadLetters, redelivery, redeliveryDeadLetters },
        bus: broadcast.bus,
        updates: broadcast.rule,
        schedules: { Rollup: sales.rule, Gauge: gaugeRule },
        line: stores.stage,
      },
      ...(alarmAddress === undefined ? {} : { alarmAddress }),
    });
    recordAccess(this, { line: stores.stage, http: management.stage }, settings);

    this.#output({
      StoreEndpoint: stores.endpoint,
      ManagementUrl: `${management.origin}/`,
      EventBusName: broadcast.bus.eventBusName,
      DeadLetterQueueUrl: deadLetters.queueUrl,
      RedeliveryQueueUrl: redelivery.queueUrl,
      RedeliveryDeadLetterQueueUrl: redeliveryDeadLetters.queueUrl,
      TokenKeyId: tokenKey.key.keyId,
      Region: this.region,
    });
  }

  /** Outputs by their own names: CDK would prefix each with the path of its construct. */
  #output(values: Record<OutputName, string>): void {
    for (const [name, description] of Object.entries(outputDescriptions))
      new CfnOutput(this, name, { value: values[name as OutputName], description });
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

/** EventBridge retries for a day: an entry must not expire while its own update may still look for its position. */
function atLeastTwoDays(retentionDays: number): number {
  if (retentionDays >= 2) return retentionDays;
  throw new Error(
    `retentionDays is ${retentionDays}: the log must reach back 2 days at least, use 2 or more`,
  );
}
