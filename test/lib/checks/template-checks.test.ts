/** For each check a control: one deliberate fault in a sound template turns that check red, and no other. */
import { describe, expect, it } from 'vitest';
import type { Properties } from '../../../lib/checks/template.ts';
import { checks } from '../../../lib/checks/template-checks.ts';
import { alarmFaults } from './alarm-faults.ts';
import { apiFaults } from './api-faults.ts';
import { allowing, type Faults } from './fault.ts';
import { iamFaults } from './iam-faults.ts';
import { resourceFaults } from './resource-faults.ts';
import { deployment, soundTemplate } from './sound-template.ts';
import { arnOf, type EditableTemplate } from './sound-values.ts';

const faults: Faults = { ...apiFaults, ...iamFaults, ...alarmFaults, ...resourceFaults };
const table = arnOf('Table');
const stream = { 'Fn::GetAtt': ['Table', 'StreamArn'] };

function redChecks(template: EditableTemplate): Record<string, string[]> {
  const results = Object.entries(checks).map(([name, check]) => [name, check(template, deployment)] as const);
  return Object.fromEntries(
    results
      .filter(([, findings]) => findings.length > 0)
      .map(([name, findings]) => [name, [...new Set(findings.map(({ logicalId }) => logicalId))]]),
  );
}

it('has nothing to say of a sound template', () => {
  expect(redChecks(soundTemplate())).toEqual({});
});

it('has a control for each check', () => {
  expect(Object.keys(faults).sort()).toEqual(Object.keys(checks).sort());
});

describe.each(Object.entries(faults))('%s', (check, controls) => {
  it.each(controls)('finds %s', (_title, logicalId, damage) => {
    const template = soundTemplate();
    const resource = template.Resources[logicalId];
    if (resource === undefined) throw new Error(`the sound template has no ${logicalId}`);
    damage(resource.Properties, resource);
    expect(redChecks(template)).toEqual({ [check]: [logicalId] });
  });
});

it.each<[string, Properties]>([
  ['in any case of its letters', { Action: 'SQS:receivemessage', Resource: '*' }],
  ['by wildcards', { Action: ['sqs:Rec*', 'sqs:?eceiveMessage', '*'], Resource: '*' }],
  ['for one resource of several', { Action: 'dynamodb:GetRecords', Resource: [table, stream] }],
  ['for no one resource, which CDK grants on a stream', { Action: 'dynamodb:ListStreams', Resource: stream }],
  [
    'on conditions that every action knows',
    {
      Action: 'sqs:ReceiveMessage',
      Resource: '*',
      Condition: { Null: { 'aws:PrincipalTag/team': 'false', 'AWS:securetransport': 'false' } },
    },
  ],
  [
    'on conditions of its own and of its resource',
    {
      Action: 'dynamodb:Query',
      Resource: table,
      Condition: { StringEquals: { 'aws:ResourceTag/team': 'prices', 'dynamodb:Select': 'COUNT' } },
    },
  ],
  [
    'on conditions of an identity provider',
    {
      Action: 'sts:AssumeRoleWithWebIdentity',
      Resource: '*',
      Condition: { StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' } },
    },
  ],
])('has nothing to say of an action %s', (_title, grant) => {
  const template = soundTemplate();
  allowing(grant)(template.Resources.Policy?.Properties ?? {});
  expect(redChecks(template)).toEqual({});
});

describe('finds what a resource that is gone leaves behind', () => {
  const without = (...logicalIds: string[]) => {
    const template = soundTemplate();
    for (const logicalId of logicalIds) delete template.Resources[logicalId];
    return redChecks(template);
  };

  it.each([
    ['a rule that its function doesn’t let in', 'Permission', { invocations: ['Rule'] }],
    [
      'a line that its functions don’t let in',
      'LinePermission',
      { invocations: ['Authorizer', 'Integration'] },
    ],
    ['an HTTP API that its function doesn’t let in', 'HttpPermission', { invocations: ['HttpIntegration'] }],
    ['the queue policy that CDK doesn’t write', 'QueuePolicy', { queues: ['Rule'] }],
  ])('%s', (_title, logicalId, red) => {
    expect(without(logicalId)).toEqual(red);
  });

  it('a function whose failed events nobody finds', () => {
    const template = soundTemplate();
    delete template.Resources.InvokeConfig;
    delete template.Resources.Function?.Properties.DeadLetterConfig;
    expect(redChecks(template)).toEqual({ 'failed-events': ['Function'] });
  });
});

it('finds one name in two resources for two kinds of API', () => {
  const template = soundTemplate();
  Object.assign(template.Resources.OfficeDomain?.Properties ?? {}, { DomainName: 'line.example.com' });
  expect(redChecks(template)).toEqual({ 'api-gateway': ['OfficeMapping'] });
});

it('counts together what functions reserve', () => {
  const template = soundTemplate();
  const { Type, Properties } = template.Resources.Function ?? { Type: '', Properties: {} };
  template.Resources.Second = { Type, Properties: { ...Properties, ReservedConcurrentExecutions: 1 } };
  expect(redChecks(template)).toEqual({ invocations: ['Second'] });
});

it.each([
  ['by its reference', { 'Fn::Join': ['-', [{ Ref: 'AWS::StackName' }, 'Updates']] }],
  ['as CDK shortens it', 'ShopprodBroadcastBus5C852ABB'],
])('takes a bus that has the name of its stack %s', (_title, Name) => {
  const template = soundTemplate();
  Object.assign(template.Resources.Bus?.Properties ?? {}, { Name });
  expect(redChecks(template)).toEqual({});
});
