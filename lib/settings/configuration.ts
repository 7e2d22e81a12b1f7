/**
 * What may differ from one deployment to the next. `cdk deploy -c env=prod` picks a column of `environments`; any single
 * setting is changed by `-c SETTING=VALUE`, or by the context in cdk.json. A name or a value that can't be right stops
 * the synth: a deployment must not find out by itself.
 */
import * as v from 'valibot';
import { TOKEN_ISSUER } from '../../domain/identity/identity.ts';
import { OUTBOUND_TYPES, type OutboundType } from '../../domain/outbound/outbound-events.ts';
import { APPROVALS, type Approval, type Guards } from '../../domain/updates/guards.ts';
import { Topic } from '../../domain/updates/topics.ts';
import { checkTogether } from './fitting-settings.ts';
import {
  domainName,
  flag,
  guardRules,
  isJwksUrl,
  isOrigin,
  LOG_RETENTIONS,
  listOf,
  logRetention,
  principalArn,
  tag,
  wholeNumber,
} from './setting-values.ts';

/** A setting: how its value is read, and what it may be, in words that follow "must be". */
const settings = {
  stores: [wholeNumber(1, 2_500_000), 'a whole number from 1 to 2500000'],
  // EventBridge retries for a day: an entry must not expire while its own update may still look for its position.
  retentionDays: [wholeNumber(2, 365), 'a whole number from 2 to 365'],
  oldestSaleDays: [wholeNumber(1, 3_650), 'a whole number from 1 to 3650'],
  salesDays: [wholeNumber(1, 3_650), 'a whole number from 1 to 3650'],
  logDays: [logRetention, `one of CloudWatch's own: ${LOG_RETENTIONS.join(', ')}`],
  // A line that is idle for ten minutes ends.
  restingReportSeconds: [wholeNumber(1, 300), 'a whole number from 1 to 300'],
  postsPerSecond: [wholeNumber(1, 1_000_000), 'a whole number, 1 or more'],
  postBurst: [wholeNumber(1, 1_000_000), 'a whole number, 1 or more'],
  lambdaConcurrency: [wholeNumber(1, 1_000_000), 'a whole number, 1 or more'],
  tokenKeyGeneration: [wholeNumber(1, 1_000), 'a whole number, 1 or more'],
  issuer: [
    v.pipe(v.string(), v.nonEmpty(), v.notValue(TOKEN_ISSUER)),
    `the iss of the tokens of another issuer, and not ${TOKEN_ISSUER}`,
  ],
  jwksUrl: [v.pipe(v.string(), v.check(isJwksUrl)), 'an https URL; http only where it is of this machine'],
  audience: [v.pipe(v.string(), v.nonEmpty()), 'the aud of the tokens of the other issuer'],
  keepData: [flag, 'true or false'],
  pointInTimeRecovery: [flag, 'true or false'],
  deletionProtection: [flag, 'true or false'],
  allowedOrigins: [
    listOf(v.pipe(v.string(), v.check(isOrigin))),
    'origins as browsers send them, separated by commas: https://till.example.com, capacitor://localhost, file://, null, or * for any',
  ],
  publishers: [
    listOf(principalArn),
    'ARNs of IAM roles or users, separated by commas: arn:aws:iam::111122223333:role/marketing',
  ],
  outbound: [
    v.union([
      v.pipe(
        v.literal('none'),
        v.transform((): OutboundType[] => []),
      ),
      listOf(v.picklist(OUTBOUND_TYPES)),
    ]),
    `none, or some of ${OUTBOUND_TYPES.join(', ')}, separated by commas`,
  ],
  outboundGatherSeconds: [wholeNumber(1, 300), 'a whole number from 1 to 300'],
  messageTopics: [listOf(Topic), 'topics, separated by commas: recall,staff-notice; leave it out for any'],
  guards: [
    guardRules,
    'largestChangePercent=50,smallestAmount=10,largestAmount=100000,updatesPerHour=60, or some of them',
  ],
  approval: [v.picklist(APPROVALS), `one of ${APPROVALS.join(', ')}`],
  alarmAddress: [v.pipe(v.string(), v.email()), 'an e-mail address'],
  certificateArn: [
    v.pipe(v.string(), v.regex(/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/)),
    'the ARN of an ACM certificate in the Region of the stack',
  ],
  storeDomainName: [domainName, 'a domain name in lower case: line.example.com'],
  managementDomainName: [domainName, 'a domain name in lower case: office.example.com'],
  accessLogs: [flag, 'true or false'],
  eventSchemas: [flag, 'true or false'],
  apiGatewayAccount: [flag, 'true or false'],
  tags: [
    v.pipe(
      v.union([
        v.pipe(
          v.record(v.string(), v.string()),
          v.transform(record => Object.entries(record).map(assignment => assignment.join('='))),
        ),
        listOf(tag),
      ]),
      v.array(tag),
      v.transform(list => Object.fromEntries(list.map(assignment => assignment.split(/=(.*)/s, 2)))),
    ),
    'NAME=VALUE, separated by commas, no NAME beginning with aws:',
  ],
} as const satisfies Record<string, readonly [v.GenericSchema<unknown, unknown>, string]>;

type SettingName = keyof typeof settings;

export interface Configuration {
  /** How many there will be: partitions and workers follow (fleet-size.ts). May be raised at any time, never lowered: sales and receipts are looked for where they are now. */
  readonly stores: number;
  /** Days that a store may be away and still get exactly what it missed. At least 2. */
  readonly retentionDays: number;
  /** Days after which sales are refused. */
  readonly oldestSaleDays: number;
  /** Days that sales are kept, and logs. A sale that may still come must find its minute: no fewer than `oldestSaleDays`. */
  readonly salesDays: number;
  readonly logDays: number;
  /** Seconds between the reports of a store while nobody watches. */
  readonly restingReportSeconds: number;
  /** Posts a second, of all broadcasts together: 0.45 of what API Gateway lets the account do leaves the rest to the stores. */
  readonly postsPerSecond: number;
  /** Posts at once after a pause: 0.4 of the account's burst. */
  readonly postBurst: number;
  /** Lambdas that the account lets run at once; from 130 on, a share is reserved for what must not starve. */
  readonly lambdaConcurrency: number;
  /** Which key signs tokens, counted from 1; the one before it still verifies. One more rotates it. */
  readonly tokenKeyGeneration: number;
  /** An identity provider whose tokens hold besides our own; needs the next two. */
  readonly issuer?: string;
  /** Where it shows its public keys. */
  readonly jwksUrl?: string;
  /** Whom its tokens must be for. */
  readonly audience?: string;
  /** Whether the tables that must last and the token key stay when the stack goes. */
  readonly keepData: boolean;
  /** Whether the tables that must last can be restored to any second of the last 35 days. */
  readonly pointInTimeRecovery: boolean;
  /** Whether those tables, and the stack itself, refuse to be deleted. */
  readonly deletionProtection: boolean;
  /** Origins of pages, besides the management page's own, that may open a line; `*` is any. */
  readonly allowedOrigins: readonly string[];
  /** IAM roles and users that alone may publish, besides the management function; none named, and the account's own policies decide. */
  readonly publishers: readonly string[];
  /** Which events the outbound bus gets: those that nobody reads need not be paid for. */
  readonly outbound: readonly OutboundType[];
  /** How long changes gather for them: a sale is on the bus so late, and more of them share an event. */
  readonly outboundGatherSeconds: number;
  /** The topics of messages, both ways; left out, any. */
  readonly messageTopics?: readonly string[];
  /** What an update must keep to; amounts are in minor units. */
  readonly guards: Guards;
  /** Which updates wait for a second person; with `none`, what breaks a guard is refused. */
  readonly approval: Approval;
  /** Where alarms go. */
  readonly alarmAddress?: string;
  /** Needed by the two domain names: one certificate for both. */
  readonly certificateArn?: string;
  /** Where stores connect, instead of API Gateway's own name. Posts to a line go to that one all the same. */
  readonly storeDomainName?: string;
  /** Where head office calls; API Gateway can't serve both APIs under one name. */
  readonly managementDomainName?: string;
  /** Whether both stages write access logs. The WebSocket API's need the account's logging role. */
  readonly accessLogs: boolean;
  /** Whether EventBridge's schema registry gets the schemas of the bus's events. */
  readonly eventSchemas: boolean;
  /** Whether this stack sets the account's logging role: one for all stacks of an account and Region. */
  readonly apiGatewayAccount: boolean;
  /** On every resource. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What a synth without `-c env` takes, which is what the local cloud runs. */
export const defaultConfiguration: Configuration = {
  stores: 2_500,
  retentionDays: 30,
  oldestSaleDays: 400,
  salesDays: 400,
  logDays: 30,
  restingReportSeconds: 60,
  postsPerSecond: 4_500,
  postBurst: 2_000,
  lambdaConcurrency: 10,
  tokenKeyGeneration: 1,
  keepData: true,
  pointInTimeRecovery: true,
  deletionProtection: false,
  allowedOrigins: [],
  publishers: [],
  outbound: OUTBOUND_TYPES,
  outboundGatherSeconds: 5,
  guards: {},
  approval: 'none',
  accessLogs: false,
  eventSchemas: false,
  apiGatewayAccount: false,
};

const environments = {
  /** Comes and goes: nothing of it stays, and it leaves most of the account's throttle to others. */
  dev: {
    ...defaultConfiguration,
    retentionDays: 7,
    postsPerSecond: 900,
    postBurst: 400,
    keepData: false,
    pointInTimeRecovery: false,
    tags: { application: 'storecast', environment: 'dev' },
  },
  /** Nothing of it can be lost by a slip. */
  prod: {
    ...defaultConfiguration,
    deletionProtection: true,
    outboundGatherSeconds: 60,
    accessLogs: true,
    apiGatewayAccount: true,
    tags: { application: 'storecast', environment: 'prod' },
  },
} as const satisfies Record<string, Configuration>;

export type EnvironmentName = keyof typeof environments;

/**
 * Reads the environment and its settings out of the app's context.
 *
 * @throws Error for an environment or a setting that there is not, and for a value that it can't have
 */
export function readConfiguration(
  context: Readonly<Record<string, unknown>>,
): Configuration & { environment?: EnvironmentName } {
  // How the handlers are bundled is read where that is done.
  const { env, bundleSdk: _, ...rest } = context;
  const environment = env === undefined ? undefined : environmentName(env);
  const chosen = Object.fromEntries(Object.entries(rest).filter(([name]) => isOurs(name)));
  const configuration = {
    ...(environment === undefined ? defaultConfiguration : environments[environment]),
    ...readSettings(chosen, name => `correct -c ${name}=…, or leave it out for the environment's own`),
  };
  checkTogether(configuration);
  return { ...configuration, ...(environment === undefined ? {} : { environment }) };
}

/**
 * Fills in what is left out of the settings of a construct.
 *
 * @throws Error for a setting that there is not, and for a value that it can't have
 */
export function completeConfiguration(given: Readonly<Partial<Configuration>>): Configuration {
  const configuration = {
    ...defaultConfiguration,
    ...readSettings(given, () => 'correct it, or leave it out for the default'),
  };
  checkTogether(configuration);
  return configuration;
}

/** The settings among the props of a stack, but for the tags, which are the stack's own. */
export function pickSettings<T extends Partial<Configuration>>(
  props: Omit<T, 'tags'>,
): Partial<Configuration> {
  return Object.fromEntries(
    Object.entries(props).filter(([name]) => name !== 'tags' && Object.hasOwn(settings, name)),
  );
}

function environmentName(env: unknown): EnvironmentName {
  const names = Object.keys(environments);
  if (typeof env === 'string' && names.includes(env)) return env as EnvironmentName;
  throw new Error(
    `env is ${JSON.stringify(env)}: there are ${names.join(' and ')}; use -c env=${names[0]}, or leave it out for a stack as the local cloud runs it`,
  );
}

/** The CDK's own names have a colon or an at sign in them: a plain word is one of ours, or a slip. */
function isOurs(name: string): boolean {
  return /^\w+$/.test(name);
}

/** @param remedy what to do about a wrong one */
function readSettings(
  given: Readonly<Record<string, unknown>>,
  remedy: (name: string) => string,
): Partial<Configuration> {
  // A property that is undefined is left out, as one from an environment variable that is not set.
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, readSetting(name, value, remedy)]));
}

function readSetting(name: string, value: unknown, remedy: (name: string) => string): unknown {
  if (!Object.hasOwn(settings, name)) {
    throw new Error(`there is no setting ${name}: use one of ${Object.keys(settings).join(', ')}`);
  }
  const [schema, allowed] = settings[name as SettingName];
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const shown = typeof value === 'number' ? value : JSON.stringify(value);
  throw new Error(`${name} is ${shown}: it must be ${allowed}; ${remedy(name)}`);
}
