/** The shape of the template: what CloudFormation is asked for, beyond what AWS's own validation sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { Environment } from '../../domain/names.ts';
import { apiArn, mayDo, serviceMayDo } from './access.ts';
import { REGION, rawTemplate, resourceAt, resourcesOf, stack } from './template.ts';

const functions = resourcesOf('AWS::Lambda::Function');
const named = functions.map(handler => [handler.path, handler] as const);

it('has the outputs of the contract', () => {
  expect(stack.outputs()).toEqual({
    StoreEndpoint: `wss://${apiId('Stores/Api')}.execute-api.${REGION}.amazonaws.com/prod`,
    ManagementUrl: `https://${apiId('Management/Api')}.execute-api.${REGION}.amazonaws.com/`,
    EventBusName: resourceAt('AWS::Events::EventBus', 'Broadcast/Bus').ref,
    DeadLetterQueueUrl: resourceAt('AWS::SQS::Queue', 'Broadcast/DeadLetters').ref,
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
    expect(properties.LoggingConfig).toEqual({ LogGroup: group.ref });
    expect(group.properties.RetentionInDays).toBe(30);
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
  ['Management/Function', 'management'],
])('%s runs the handler %s', (path, handler) => {
  const { Code } = resourceAt('AWS::Lambda::Function', path).properties;
  const asset = stack.assetDirectory(Code.S3Key);
  expect(readdirSync(asset)).toEqual(['index.cjs']);
  const bundle = join(inject('synthesis').bundles, handler, 'index.cjs');
  expect(readFileSync(join(asset, 'index.cjs'))).toEqual(readFileSync(bundle));
});

describe('the connections table', () => {
  const { properties } = resourceAt('AWS::DynamoDB::GlobalTable', 'Connections/Table');

  it('is billed by the request', () => {
    expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
  });

  it('is keyed by shard and member', () => {
    expect(properties.KeySchema).toEqual([
      { AttributeName: 's', KeyType: 'HASH' },
      { AttributeName: 'm', KeyType: 'RANGE' },
    ]);
    expect(properties.AttributeDefinitions).toEqual([
      { AttributeName: 's', AttributeType: 'N' },
      { AttributeName: 'm', AttributeType: 'S' },
    ]);
  });

  it('lets go of what is over', () => {
    expect(properties.TimeToLiveSpecification).toEqual({ AttributeName: 'x', Enabled: true });
  });
});

describe('the token key', () => {
  const { logicalId, properties } = resourceAt('AWS::KMS::Key', 'TokenKey/Key');

  it('signs with ECDSA over P-256', () => {
    expect(properties).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  });

  it('outlives the stack', () => {
    expect(rawTemplate.Resources[logicalId]).toMatchObject({
      DeletionPolicy: 'Retain',
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
    'Management/Function': ['the HTTP API'],
  };

  it.each(named)('%s: nobody but its own trigger', (path, handler) => {
    const allowed = [...callers].filter(([, [service, source]]) =>
      serviceMayDo(service, source, 'lambda:InvokeFunction', handler.arn),
    );
    expect(allowed.map(([name]) => name)).toEqual(invokers[path]);
  });
});

describe('dead letters', () => {
  const rules = resourcesOf('AWS::Events::Rule').flatMap(rule =>
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

  it('of every redriving queue find a queue of the stack', () => {
    const arns = resourcesOf('AWS::SQS::Queue').map(({ arn }) => arn);
    for (const { properties } of resourcesOf('AWS::SQS::Queue')) {
      if (properties.RedrivePolicy) expect(arns).toContain(properties.RedrivePolicy.deadLetterTargetArn);
    }
  });

  it('are kept encrypted for 14 days, and travel encrypted', () => {
    const queue = resourceAt('AWS::SQS::Queue', 'Broadcast/DeadLetters');
    expect(queue.properties).toMatchObject({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true });
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

it('takes events of any source but AWS’s own', () => {
  const { properties } = resourceAt('AWS::Events::Rule', 'Broadcast/Rule');
  expect(properties).toMatchObject({
    State: 'ENABLED',
    EventBusName: resourceAt('AWS::Events::EventBus', 'Broadcast/Bus').ref,
    EventPattern: { source: [{ 'anything-but': { prefix: 'aws.' } }] },
  });
});

function apiId(path: string): string {
  return resourceAt('AWS::ApiGatewayV2::Api', path).ref;
}
