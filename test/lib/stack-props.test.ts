/** What a deployment may choose reaches the functions that it concerns. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect, inject, it, vi } from 'vitest';
import { OUTBOUND_TYPES } from '../../domain/outbound/outbound-events.ts';
import { details } from '../../domain/updates/published-events.ts';
import { StorecastStack, type StorecastStackProps } from '../../lib/storecast-stack.ts';
import { checkSupported } from '../../local/assembly/resource-types.ts';
import { patience } from '../patience.ts';
import { removeBundlesAfterAll } from './own-bundles.ts';

removeBundlesAfterAll();
// The first synth bundles every handler, beside other tests that do the same.
vi.setConfig({ testTimeout: patience(60_000) });

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'cdk.json'), 'utf8'));

function synthesize(props: StorecastStackProps): Template {
  const app = new App({ context, analyticsReporting: false });
  return Template.fromStack(new StorecastStack(app, 'Storecast', props));
}

/** The values of one environment variable, over all functions of a part of the stack that have it. */
function valuesOf(template: Template, variable: string, part = ''): Set<unknown> {
  const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
  const ofPart = functions.filter(([logicalId]) => logicalId.startsWith(part)).map(([, found]) => found);
  const values = ofPart.map(({ Properties }) => Properties.Environment?.Variables?.[variable]);
  return new Set(values.filter(value => value !== undefined));
}

it('spreads the registry over one partition and leaves half of the throttle to others by default', () => {
  const template = synthesize({});
  expect(valuesOf(template, 'CONNECTION_SHARDS')).toEqual(new Set(['1']));
  expect(valuesOf(template, 'FLEET_PARTS')).toEqual(new Set(['1']));
  expect(valuesOf(template, 'SALES_BUCKETS')).toEqual(new Set(['8']));
  expect(valuesOf(template, 'RECEIPT_SHARDS')).toEqual(new Set(['8']));
  expect(valuesOf(template, 'WATCHED_REPORT_MS')).toEqual(new Set(['1000']));
  expect(valuesOf(template, 'POSTS_PER_SECOND', 'Broadcast')).toEqual(new Set(['4500']));
  expect(valuesOf(template, 'POST_BURST', 'Broadcast')).toEqual(new Set(['2000']));
});

it('tells every function alike how the registry is spread, and the broadcast its pace', () => {
  const template = synthesize({ stores: 1_000_000, postsPerSecond: 900, postBurst: 400 });
  // All that a fleet's size decides follows from the one setting; shards are whole parts of the fleet.
  expect(valuesOf(template, 'CONNECTION_SHARDS')).toEqual(new Set(['104']));
  expect(valuesOf(template, 'FLEET_PARTS')).toEqual(new Set(['8']));
  expect(valuesOf(template, 'SALES_BUCKETS')).toEqual(new Set(['67']));
  expect(valuesOf(template, 'RECEIPT_SHARDS')).toEqual(new Set(['40']));
  expect(valuesOf(template, 'MEMBERS_PER_WORKER')).toEqual(new Set(['10000']));
  // 40 of 90 parts of the pace: 800 frames a second.
  expect(valuesOf(template, 'WATCHED_REPORT_MS')).toEqual(new Set(['1250000']));
  expect(valuesOf(template, 'POSTS_PER_SECOND', 'Broadcast')).toEqual(new Set(['900']));
  expect(valuesOf(template, 'POST_BURST', 'Broadcast')).toEqual(new Set(['400']));
});

it('registers the schema of each event of both buses where it is asked to, and nothing else', () => {
  const none = synthesize({});
  none.resourceCountIs('AWS::EventSchemas::Registry', 0);
  const template = synthesize({ eventSchemas: true });
  const schemas = Object.values(template.findResources('AWS::EventSchemas::Schema'));
  const registered = schemas.map(({ Properties }) => `${Properties.Type} ${Properties.SchemaName}`);
  expect(registered.sort()).toEqual(
    [...Object.keys(details), ...OUTBOUND_TYPES].map(type => `OpenApi3 storecast@${type}`).sort(),
  );
  for (const { Properties } of schemas)
    expect(JSON.parse(Properties.Content).info.title).toBe(Properties.SchemaName.slice('storecast@'.length));
  // The local cloud runs it, too.
  checkSupported(template.toJSON() as Parameters<typeof checkSupported>[0]);
});

it('feeds the outbound bus with what is asked for, and reads no stream that tells nothing of it', () => {
  const streamsRead = (props: Parameters<typeof synthesize>[0]) =>
    Object.values(synthesize(props).findResources('AWS::Lambda::EventSourceMapping')).filter(
      ({ Properties }) => Properties.StartingPosition === 'TRIM_HORIZON',
    ).length;
  expect(streamsRead({ outbound: [] })).toBe(0);
  expect(streamsRead({ outbound: ['StoreMessage'] })).toBe(0);
  expect(streamsRead({ outbound: ['SalesRecorded'] })).toBe(1);
  expect(streamsRead({ outbound: ['StoreConnected', 'SalesRecorded'] })).toBe(2);
  expect(streamsRead({ outbound: ['UpdateDelivered'] })).toBe(3);
});

it.each([
  ['any topic', {}, '*', '*'],
  ['the named topics', { messageTopics: ['recall', 'notice'] }, 'recall notice', 'recall notice'],
  ['none from stores where nobody hears them', { outbound: [] }, '*', '-'],
])('messages may have %s', (_, props, published, sent) => {
  const template = synthesize(props);
  for (const part of ['Broadcast', 'Management'])
    expect(valuesOf(template, 'MESSAGE_TOPICS', part)).toEqual(new Set([published]));
  expect(valuesOf(template, 'MESSAGE_TOPICS', 'Stores')).toEqual(new Set([sent]));
});

it.each([
  [10, new Set([undefined])],
  [1_000, new Set([undefined, 100])],
  [160, new Set([undefined, 16])],
])(
  'of %i Lambdas at once reserves for broadcast and handshakes what leaves room to the others',
  (lambdaConcurrency, shares) => {
    const functions = Object.values(synthesize({ lambdaConcurrency }).findResources('AWS::Lambda::Function'));
    const reserved = functions.map(({ Properties }) => Properties?.ReservedConcurrentExecutions);
    expect(new Set(reserved)).toEqual(shares);
    if (shares.size > 1) expect(reserved.filter(share => share !== undefined)).toHaveLength(3);
  },
);

it('throttles both stages so that the broadcast keeps its share of the account', () => {
  const stages = Object.values(
    synthesize({ postsPerSecond: 900, postBurst: 400 }).findResources('AWS::ApiGatewayV2::Stage'),
  );
  const settings = stages.map(({ Properties }) => Properties?.DefaultRouteSettings);
  // Of an account with 2,000 requests a second and a burst of 1,000.
  expect(settings).toHaveLength(2);
  expect(settings).toContainEqual({ ThrottlingRateLimit: 800, ThrottlingBurstLimit: 400 });
  expect(settings).toContainEqual({ ThrottlingRateLimit: 200, ThrottlingBurstLimit: 100 });
});

it('paces what managers are pushed on its own, far below a broadcast', () => {
  const template = synthesize({ postsPerSecond: 900, postBurst: 400 });
  expect(valuesOf(template, 'POSTS_PER_SECOND', 'Live')).toEqual(new Set(['200']));
  expect(valuesOf(template, 'POST_BURST', 'Live')).toEqual(new Set(['200']));
});

it('keeps the log for a month by default, and as long as a deployment says', () => {
  expect(valuesOf(synthesize({}), 'RETENTION_DAYS')).toEqual(new Set(['30']));
  expect(valuesOf(synthesize({ retentionDays: 2 }), 'RETENTION_DAYS')).toEqual(new Set(['2']));
});

it.each([1.99, 1, 0, -30, Number.NaN])(
  'refuses a log of %d days, which a retried event could outlive',
  days => {
    expect(() => synthesize({ retentionDays: days })).toThrow(
      `retentionDays is ${days}: it must be a whole number from 2 to 365; correct it, or leave it out`,
    );
  },
);

it('signs by the newest key and verifies by the one before it too, which stays the key that it was', () => {
  const keysIn = (template: Template) => Object.keys(template.findResources('AWS::KMS::Key'));
  const [first, second, third] = [1, 2, 3].map(generation =>
    keysIn(synthesize({ tokenKeyGeneration: generation })),
  );
  expect([first?.length, second?.length, third?.length]).toEqual([1, 2, 2]);
  expect(second).toEqual(expect.arrayContaining(first ?? []));
  expect(third?.filter(key => second?.includes(key))).toHaveLength(1);
  expect(third).not.toEqual(expect.arrayContaining(first ?? []));
});

it('leaves it to the account who publishes, unless publishers are named', () => {
  synthesize({}).resourceCountIs('AWS::Events::EventBusPolicy', 0);
});

it('denies publishing to all but the named publishers and the functions that publish', () => {
  const template = synthesize({ publishers: ['arn:aws:iam::111122223333:role/marketing'] });
  template.hasResourceProperties('AWS::Events::EventBusPolicy', {
    Statement: {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'events:PutEvents',
      Condition: {
        ArnNotEquals: {
          'aws:PrincipalArn': [
            { 'Fn::GetAtt': [Match.stringLikeRegexp('^ManagementFunctionRole'), 'Arn'] },
            { 'Fn::GetAtt': [Match.stringLikeRegexp('^RolloutsDecisionsFunctionRole'), 'Arn'] },
            'arn:aws:iam::111122223333:role/marketing',
          ],
        },
      },
    },
  });
});

it('tells guards and approval to whoever publishes, and nothing where nothing is asked', () => {
  const variablesOf = (props: Parameters<typeof synthesize>[0]) =>
    Object.entries(synthesize(props).findResources('AWS::Lambda::Function')).flatMap(
      ([id, { Properties }]) => {
        const { APPROVAL, GUARDS } = Properties.Environment.Variables;
        return APPROVAL === undefined && GUARDS === undefined
          ? []
          : [[id.replace(/Function.*/, ''), APPROVAL, GUARDS]];
      },
    );
  expect(variablesOf({})).toEqual([]);
  const guards = { smallestAmount: 10 };
  const told = ['guarded', '{"smallestAmount":10}'];
  expect(variablesOf({ guards, approval: 'guarded' }).sort()).toEqual([
    ['Broadcast', ...told],
    ['Management', ...told],
    ['RolloutsDecisions', ...told],
  ]);
});

it.each([0, -1, 1.5, Number.NaN])('refuses %d as the generation of the token key', generation => {
  expect(() => synthesize({ tokenKeyGeneration: generation })).toThrow(
    `tokenKeyGeneration is ${generation}: it must be a whole number, 1 or more; correct it, or leave it out`,
  );
});

it('is the very template that the command line synthesizes', () => {
  const file = join(inject('synthesis').assembly, 'Storecast.template.json');
  const { Resources, Outputs } = JSON.parse(readFileSync(file, 'utf8'));
  const { Resources: ours, Outputs: outputs } = synthesize({}).toJSON();
  expect(withoutMetadata(ours)).toEqual(withoutMetadata(Resources));
  expect(outputs).toEqual(Outputs);
});

/** Construct paths and assets for the command line alone, which an app of its own leaves out. */
function withoutMetadata(resources: Record<string, { Metadata?: unknown }>) {
  return Object.fromEntries(
    Object.entries(resources).map(([logicalId, { Metadata, ...resource }]) => [logicalId, resource]),
  );
}
