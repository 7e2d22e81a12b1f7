/** What the local cloud takes and what it refuses: templates, signatures, directories. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { type Template, UnsupportedTemplateError } from '../../local/assembly/assembly.ts';
import { DataDirectoryInUseError } from '../../local/data-directory.ts';
import { PortInUseError } from '../../local/edge/server.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { connectStore } from '../contract/store.ts';
import { bootCloud, editedAssembly, synthesizedAssembly, temporaryDirectory } from './booted-cloud.ts';

describe('a template that can not be run stops it', () => {
  const inFunction = (properties: object) => changed('AWS::Lambda::Function', properties);
  test.each<[string, RegExp, (template: Template) => void]>([
    ['a resource type', /Bucket.*AWS::S3::Bucket/, added('Bucket', 'AWS::S3::Bucket')],
    ['another resource type', /Stream.*AWS::Kinesis::Stream/, added('Stream', 'AWS::Kinesis::Stream')],
    ['a table of another type', /Old.*AWS::DynamoDB::Table\b/, added('Old', 'AWS::DynamoDB::Table')],
    ['a function in a VPC', /VpcConfig.*AWS::Lambda::Function/, inFunction({ VpcConfig: {} })],
    ['a function with layers', /Layers.*AWS::Lambda::Function/, inFunction({ Layers: ['arn:aws:lambda:x'] })],
    ['a function of another runtime', /python3\.13/, inFunction({ Runtime: 'python3.13' })],
    [
      'a queue of another kind',
      /FifoQueue.*AWS::SQS::Queue/,
      changed('AWS::SQS::Queue', { FifoQueue: true }),
    ],
    ['an archived bus', /Policy.*AWS::Events::EventBus/, changed('AWS::Events::EventBus', { Policy: {} })],
    [
      'a rule that transforms',
      /InputPath.*target/,
      changed('AWS::Events::Rule', {
        Targets: [{ Arn: 'arn:aws:lambda:x', Id: 'T', InputPath: '$.detail' }],
      }),
    ],
    [
      'a rule for another target',
      /arn:aws:sns:x.*target/,
      changed('AWS::Events::Rule', { Targets: [{ Arn: 'arn:aws:sns:x', Id: 'T' }] }),
    ],
    [
      'a schedule on a bus of its own',
      /ScheduleExpression.*default event bus/,
      changed('AWS::Events::Rule', { ScheduleExpression: 'rate(1 day)' }),
    ],
    [
      'a schedule by the calendar',
      /rate.*cron\(0 10/,
      changed('AWS::Events::Rule', { EventBusName: 'default', ScheduleExpression: 'cron(0 10 * * ? *)' }),
    ],
    [
      'a schedule that is none',
      /ScheduleExpression.*rate\(1 days\)/,
      changed('AWS::Events::Rule', { EventBusName: 'default', ScheduleExpression: 'rate(1 days)' }),
    ],
    [
      'a pattern that is none',
      /prefx/,
      changed('AWS::Events::Rule', { EventPattern: { source: [{ prefx: 'a' }] } }),
    ],
    [
      'a stream read from a moment on',
      /StartingPosition AT_TIMESTAMP/,
      streamSource({ StartingPosition: 'AT_TIMESTAMP' }),
    ],
    [
      'a stream whose filter is none',
      /FilterCriteria.*prefx/,
      streamSource({
        FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"k":{"S":[{"prefx":"a"}]}}}}' }] },
      }),
    ],
    [
      'a stream read batch by batch in parts',
      /FunctionResponseTypes.*dynamodb/,
      streamSource({ FunctionResponseTypes: ['ReportBatchItemFailures'] }),
    ],
    ['a queue read like a stream', /MaximumRetryAttempts.*sqs/, queueSource({ MaximumRetryAttempts: 1 })],
    ['an event source of another kind', /SQS and DynamoDB/, queueSource({ EventSourceArn: 'arn:aws:mq:x' })],
    ['a stream of a table that has none', /has no stream/, withoutStream],
    ['a key of another kind', /ECC_NIST_P256/, changed('AWS::KMS::Key', { KeySpec: 'RSA_2048' })],
    [
      'a managed policy',
      /managed policies/,
      changed('AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
    ],
    [
      'a permissions boundary',
      /PermissionsBoundary/,
      changed('AWS::IAM::Role', { PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }),
    ],
    [
      'a stage that throttles',
      /DefaultRouteSettings/,
      changed('AWS::ApiGatewayV2::Stage', { DefaultRouteSettings: { ThrottlingRateLimit: 1 } }),
    ],
    [
      'a route that validates',
      /ModelSelectionExpression/,
      changed('AWS::ApiGatewayV2::Route', { ModelSelectionExpression: '$x' }),
    ],
    [
      'a WebSocket API with events of an HTTP API',
      /\$connect.*payload format 1\.0/,
      changed('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' }),
    ],
    ['an HTTP API with events of payload format 1.0', /\$default.*payload format 2\.0/, olderPayload],
    [
      'an intrinsic function',
      /Fn::ImportValue/,
      changed('AWS::KMS::Key', { KeyPolicy: { 'Fn::ImportValue': 'x' } }),
    ],
    ['a reference to nothing', /Nowhere/, changed('AWS::KMS::Key', { KeyPolicy: { Ref: 'Nowhere' } })],
    ['an unknown attribute', /StreamArn/, unknownAttribute],
  ])('%s', async (_, naming, edit) => {
    const dataDirectory = temporaryDirectory();
    const booting = startLocalCloud({ assemblyDirectory: editedAssembly(edit), dataDirectory, port: 0 });
    await expect(booting).rejects.toThrow(naming);
    expect(existsSync(join(dataDirectory, 'outputs.json'))).toBe(false);
  });

  test('naming everything that is wrong at once, and freeing the directory and the port', async () => {
    const dataDirectory = temporaryDirectory();
    const assemblyDirectory = editedAssembly(template => {
      added('Bucket', 'AWS::S3::Bucket')(template);
      changed('AWS::SQS::Queue', { FifoQueue: true })(template);
    });
    const error = await startLocalCloud({ assemblyDirectory, dataDirectory, port: 0 }).catch(e => e);
    expect(error).toBeInstanceOf(UnsupportedTemplateError);
    expect(error.message).toMatch(/Bucket[\s\S]*FifoQueue|FifoQueue[\s\S]*Bucket/);
    await bootCloud({ dataDirectory });
  });
});

function added(logicalId: string, Type: string): (template: Template) => void {
  return ({ Resources }) => {
    Resources[logicalId] = { Type, Properties: {} };
  };
}

/** Changes the first resource of a type. */
function changed(type: string, properties: object): (template: Template) => void {
  return ({ Resources }) => {
    const resource = Object.values(Resources).find(({ Type }) => Type === type);
    if (resource === undefined) throw new Error(`the template has no ${type}`);
    resource.Properties = { ...resource.Properties, ...properties };
  };
}

/** Changes the HTTP API's integration, the one that names its payload format. */
function olderPayload({ Resources }: Template): void {
  const integrations = Object.values(Resources).filter(({ Properties }) => Properties?.PayloadFormatVersion);
  for (const { Properties = {} } of integrations) Properties.PayloadFormatVersion = '1.0';
}

/** Changes the first event source that is a table's stream. */
const streamSource = (properties: object) => eventSource('StreamArn', properties);
/** The same of a queue. */
const queueSource = (properties: object) => eventSource('Redelivery', properties);

function eventSource(named: string, properties: object): (template: Template) => void {
  return ({ Resources }) => {
    const source = Object.values(Resources).find(
      ({ Properties, Type }) =>
        Type === 'AWS::Lambda::EventSourceMapping' &&
        JSON.stringify(Properties?.EventSourceArn).includes(named),
    );
    if (source === undefined) throw new Error(`the template has no event source of a ${named}`);
    source.Properties = { ...source.Properties, ...properties };
  };
}

function withoutStream({ Resources }: Template): void {
  for (const { Properties = {}, Type } of Object.values(Resources))
    if (Type === 'AWS::DynamoDB::GlobalTable') delete Properties.StreamSpecification;
}

/** Asks the first function of the template for an attribute that none has. */
function unknownAttribute(template: Template): void {
  const [logicalId] =
    Object.entries(template.Resources).find(([, { Type }]) => Type === 'AWS::Lambda::Function') ?? [];
  changed('AWS::KMS::Key', { KeyPolicy: { 'Fn::GetAtt': [logicalId, 'StreamArn'] } })(template);
}

describe('its outputs', () => {
  test('lie in the data directory as cdk deploy --outputs-file writes them', async () => {
    const { cloud, dataDirectory } = await bootCloud();
    const written = JSON.parse(readFileSync(join(dataDirectory, 'outputs.json'), 'utf8'));
    expect(written).toEqual({ Storecast: cloud.outputs });
    expect(cloud.outputs).toMatchObject({
      StoreEndpoint: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/prod$/),
      ManagementUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      AwsEndpointUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      EventBusName: expect.any(String),
    });
  });
});

test('a port in use is refused, by an error that says which', async () => {
  const { cloud } = await bootCloud();
  const port = Number(new URL(cloud.outputs.AwsEndpointUrl ?? '').port);
  const second = startLocalCloud({
    assemblyDirectory: synthesizedAssembly(),
    dataDirectory: temporaryDirectory(),
    port,
  });
  const error = await second.catch(reason => reason);
  expect(error).toBeInstanceOf(PortInUseError);
  expect(error.message).toContain(String(port));
});

test('a data directory in use is refused, and the cloud that uses it goes on', async () => {
  const { system, dataDirectory } = await bootCloud();
  const second = startLocalCloud({ assemblyDirectory: synthesizedAssembly(), dataDirectory, port: 0 });
  await expect(second).rejects.toThrow(DataDirectoryInUseError);
  const store = await connectStore(system);
  expect(await store.ping()).toMatchObject({ type: 'pong' });
});

test('a stopped cloud lets its stores go and its port be taken again', async () => {
  const { cloud, system } = await bootCloud();
  const store = await connectStore(system);
  await cloud.stop();
  expect(await store.closed).toMatchObject({ code: 1001 });
  const port = Number(new URL(cloud.outputs.AwsEndpointUrl ?? '').port);
  await bootCloud({ port });
});

describe("a request that isn't signed as it should be is refused in AWS's words", () => {
  const wrongSecret = { accessKeyId: 'local', secretAccessKey: 'wrong' };
  const unknownKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'local' };
  const withToken = { ...unknownKey, sessionToken: 'token' };
  type Credentials = typeof wrongSecret;
  const calls: Record<
    string,
    (config: { region: string; endpoint: string; credentials: Credentials }) => Promise<unknown>
  > = {
    dynamodb: config => new DynamoDBClient(config).send(new ListTablesCommand({})),
    kms: config =>
      new KMSClient(config).send(
        new SignCommand({ KeyId: 'k', Message: Buffer.from('m'), SigningAlgorithm: 'ECDSA_SHA_256' }),
      ),
    sqs: config => new SQSClient(config).send(new GetQueueUrlCommand({ QueueName: 'q' })),
    events: config =>
      new EventBridgeClient(config).send(
        new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: '{}' }] }),
      ),
  };
  test.each([
    ['a wrong secret', wrongSecret, 'InvalidSignatureException'],
    ['an unknown access key', unknownKey, 'UnrecognizedClientException'],
    ['an unknown session', withToken, 'UnrecognizedClientException'],
  ])('%s', async (_, credentials, name) => {
    const { cloud } = await bootCloud();
    const config = { region: 'us-east-1', endpoint: cloud.outputs.AwsEndpointUrl ?? '', credentials };
    for (const [service, call] of Object.entries(calls)) {
      const outcome = call(config);
      await expect(outcome, service).rejects.toThrow(expect.objectContaining({ name }));
    }
  });

  test('one without a signature', async () => {
    const { cloud } = await bootCloud();
    const response = await fetch(cloud.outputs.AwsEndpointUrl ?? '', {
      method: 'POST',
      headers: {
        'x-amz-target': 'DynamoDB_20120810.ListTables',
        'content-type': 'application/x-amz-json-1.0',
      },
      body: '{}',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });
});

test('the operator may sign for any Region', async () => {
  const { cloud } = await bootCloud();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const endpoint = cloud.outputs.AwsEndpointUrl ?? '';
  const tables = new DynamoDBClient({ region: 'ap-southeast-2', endpoint, credentials });
  expect(await tables.send(new ListTablesCommand({}))).toMatchObject({
    TableNames: expect.arrayContaining([expect.any(String)]),
  });
});

test('TestEventPattern answers through the SDK, and says what is wrong with a pattern', async () => {
  const { system } = await bootCloud();
  const { events } = system.clients;
  const Event = JSON.stringify({
    ...{ version: '0', id: '1', account: '1', source: 'pricing', time: '2035-01-01T00:00:00Z' },
    ...{ region: 'us-east-1', resources: [], 'detail-type': 'PriceChanged', detail: { amount: 5 } },
  });
  const ask = (pattern: object) =>
    events.send(new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event }));
  expect(await ask({ source: [{ 'anything-but': { prefix: 'aws.' } }] })).toMatchObject({ Result: true });
  expect(await ask({ detail: { amount: [{ numeric: ['>', 5] }] } })).toMatchObject({ Result: false });
  await expect(ask({ source: 'pricing' })).rejects.toThrow(
    expect.objectContaining({ name: 'InvalidEventPatternException' }),
  );
});
