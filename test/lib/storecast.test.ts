/** The construct, as somebody else's app has it: beside others of its kind, and with roles of that app. */
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { describe, expect, it, vi } from 'vitest';
import { Storecast, type StorecastProps } from '../../lib/storecast.ts';
import { StorecastStack } from '../../lib/storecast-stack.ts';
import { removeBundlesAfterAll } from './own-bundles.ts';

removeBundlesAfterAll();
// The first synth bundles every handler, beside other tests that do the same.
vi.setConfig({ testTimeout: 60_000 });

const newApp = () => new App({ analyticsReporting: false });

/** What the account, or a Region of it, has once: names that the template gives, and the dimension of the metrics. */
function namesIn(template: Template): string[] {
  const { Resources = {} } = template.toJSON() as {
    Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  };
  return Object.values(Resources).flatMap(({ Type, Properties }) => {
    const { Environment } = Properties as { Environment?: { Variables?: { STAGE?: string } } };
    // Any number of API Gateway's APIs may have one name; those of Lambda's other resources are of their function.
    const named = /ApiGatewayV2|Lambda::(?!Function)/.test(Type)
      ? []
      : Object.entries(Properties).filter(([property]) => NAMES.has(property));
    return [
      ...named.map(([, name]) => `${Type} ${JSON.stringify(name)}`),
      ...(Environment?.Variables?.STAGE === undefined ? [] : [`metrics of ${Environment.Variables.STAGE}`]),
    ];
  });
}

const NAMES = new Set([
  ...['Name', 'AlarmName', 'DashboardName', 'FunctionName', 'LogGroupName', 'QueueName', 'RoleName'],
  ...['TableName', 'TopicName', 'AliasName'],
]);

/** Names that both have; the metrics of one storecast come from many functions. */
const shared = (one: string[], other: string[]) => [...new Set(one)].filter(name => other.includes(name));

describe('names in an account', () => {
  const environment = (name: string) =>
    namesIn(
      Template.fromStack(new StorecastStack(newApp(), 'Storecast', { stackName: `Storecast-${name}` })),
    );

  it('are those of the stack', () => {
    const names = environment('prod');
    expect(names).toEqual(
      expect.arrayContaining([
        'AWS::Events::EventBus "Storecast-prod-Updates"',
        'AWS::CloudWatch::Alarm "Storecast-prod-DeadLetters"',
        'AWS::CloudWatch::CompositeAlarm "Storecast-prod-Page"',
        'metrics of Storecast-prod',
      ]),
    );
  });

  it('are no two environments’ alike', () => {
    expect(shared(environment('dev'), environment('prod'))).toEqual([]);
  });

  it('are no two storecasts’ of an app alike, nor of a stack', () => {
    const app = newApp();
    const both = new Stack(app, 'Both');
    new Storecast(both, 'North');
    new Storecast(both, 'South');
    const other = new Stack(app, 'Other');
    new Storecast(other, 'North');
    const names = namesIn(Template.fromStack(both)).filter(name => !name.startsWith('metrics'));
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(60);
    expect(new Set(namesIn(Template.fromStack(both)).filter(name => name.startsWith('metrics'))).size).toBe(
      2,
    );
    expect(shared(namesIn(Template.fromStack(both)), namesIn(Template.fromStack(other)))).toEqual([]);
  });

  it('of a dashboard tell the Region too, since the account has its dashboards in common', () => {
    const template = Template.fromStack(new StorecastStack(newApp(), 'Storecast'));
    template.hasResourceProperties('AWS::CloudWatch::Dashboard', {
      DashboardName: { 'Fn::Join': ['', ['Storecast-', { Ref: 'AWS::Region' }]] },
    });
  });
});

it('shows what it owns', () => {
  const stack = new Stack(newApp(), 'Chain');
  const { alarms, bus, management, managementUrl, storeEndpoint, stores, tables } = new Storecast(
    stack,
    'Line',
  );
  expect(stack.resolve(bus.eventBusName)).toEqual({ Ref: expect.stringMatching(/^LineBroadcastBus/) });
  expect(stack.resolve(tables.sales.table.tableName)).toEqual({
    Ref: expect.stringMatching(/^LineTablesSales/),
  });
  expect(stores.endpoint).toBe(storeEndpoint);
  expect(managementUrl).toBe(`${management.origin}/`);
  expect(Object.keys(alarms.byName)).toEqual(expect.arrayContaining(['DeadLetters', 'FanOutLag']));
  Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::CompositeAlarm', 1);
});

it('has no outputs but where it is asked for them', () => {
  const stack = new Stack(newApp(), 'Chain');
  const storecast = new Storecast(stack, 'Line');
  expect(Object.keys(Template.fromStack(stack).findOutputs('*'))).toEqual([]);
  const other = new Stack(newApp(), 'Chain');
  new Storecast(other, 'Line').addOutputs();
  expect(Object.keys(Template.fromStack(other).findOutputs('*'))).toEqual(
    expect.arrayContaining(['StoreEndpoint', 'ManagementUrl', 'EventBusName', 'TokenKeyId', 'Region']),
  );
  expect(storecast.node.findAll().length).toBeGreaterThan(100);
});

it('puts its tags on what it owns alone', () => {
  const stack = new Stack(newApp(), 'Chain');
  new Storecast(stack, 'Line', { tags: { team: 'retail' } });
  new iam.Role(stack, 'Other', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const template = Template.fromStack(stack);
  template.allResourcesProperties('AWS::SQS::Queue', { Tags: [{ Key: 'team', Value: 'retail' }] });
  const [other] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) =>
    id.startsWith('Other'),
  );
  expect(other?.[1].Properties.Tags).toBeUndefined();
});

describe('whom it lets publish', () => {
  const roleIn = (stack: Stack) =>
    new iam.Role(stack, 'PriceEngine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const putEvents = {
    Action: 'events:PutEvents',
    Effect: 'Allow',
    Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LineBroadcastBus'), 'Arn'] },
  };

  it('may put events on its bus', () => {
    const stack = new Stack(newApp(), 'Chain');
    new Storecast(stack, 'Line').grantPublish(roleIn(stack));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(putEvents)]) },
      Roles: [{ Ref: Match.stringLikeRegexp('^PriceEngine') }],
    });
    template.resourceCountIs('AWS::Events::EventBusPolicy', 0);
  });

  it('is not denied where all but named publishers are', () => {
    const stack = new Stack(newApp(), 'Chain');
    const publishers = ['arn:aws:iam::111122223333:role/marketing'];
    new Storecast(stack, 'Line', { publishers }).grantPublish(roleIn(stack));
    Template.fromStack(stack).hasResourceProperties('AWS::Events::EventBusPolicy', {
      Statement: Match.objectLike({
        Effect: 'Deny',
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': Match.arrayWith([
              ...publishers,
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^PriceEngine'), 'Arn'] },
            ]),
          },
        },
      }),
    });
  });
});

it.each<[Record<string, unknown>, string]>([
  [{ stores: 0 }, 'stores is 0: it must be a whole number from 1 to 2500000; correct it'],
  [{ alarmAdress: 'a@b.c' }, 'there is no setting alarmAdress: use one of stores,'],
  [
    { alarmAddress: 'ops' },
    'alarmAddress is "ops": it must be an e-mail address; correct it, or leave it out',
  ],
  [{ publishers: ['marketing'] }, 'publishers is ["marketing"]: it must be ARNs of IAM roles or users'],
  [{ storeDomainName: 'a.example' }, 'a domain name needs a certificate for it: set certificateArn'],
])('refuses %j and says what would be right', (props, message) => {
  const construct = () => new Storecast(new Stack(newApp(), 'Chain'), 'Line', props as StorecastProps);
  expect(construct).toThrow(message);
});

it('takes a setting that is undefined as one that is left out', () => {
  const props = { alarmAddress: process.env.STORECAST_NO_SUCH_VARIABLE } as StorecastProps;
  expect(() => new Storecast(new Stack(newApp(), 'Chain'), 'Line', props)).not.toThrow();
});
