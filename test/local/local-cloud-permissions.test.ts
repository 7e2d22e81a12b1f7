/** The roles of the template decide: what is taken out of one stops its function, in AWS's words. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test, vi } from 'vitest';
import type { Template } from '../../local/assembly/assembly.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { connectStore, refusalOf } from '../contract/store.ts';
import { patience } from '../patience.ts';
import { bootCloud, broadcastReport, editedAssembly } from './booted-cloud.ts';

interface Statement {
  Action: string | string[];
  Effect: string;
  Resource: unknown;
}

/** Takes an action out of the policy of a role. */
function without(role: string, action: string): string {
  return editedAssembly(template => {
    for (const statements of statementsOf(template, role)) {
      for (const statement of statements) {
        statement.Action = [statement.Action].flat().filter(name => name !== action);
      }
      statements.splice(0, statements.length, ...statements.filter(({ Action }) => Action.length > 0));
    }
  });
}

function statementsOf({ Resources }: Template, role: string): Statement[][] {
  const policies = Object.entries(Resources).filter(
    ([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(role),
  );
  if (policies.length === 0) throw new Error(`the template has no policy of ${role}`);
  return policies.map(([, { Properties }]) => {
    const { PolicyDocument } = Properties as { PolicyDocument: { Statement: Statement[] } };
    return PolicyDocument.Statement;
  });
}

/** "Troubleshoot access denied error messages". */
function sentence(role: string, action: string): RegExp {
  return new RegExp(
    `AccessDeniedException.*User: arn:aws:sts::\\d{12}:assumed-role/\\S*${role}\\S* is not authorized to perform: ` +
      `${action} on resource: arn:aws:\\S+ because no identity-based policy allows the ${action} action`,
  );
}

test('a connect function that may not write the registry refuses the handshake', async () => {
  const assemblyDirectory = without('StoresConnectRole', 'dynamodb:PutItem');
  const { system, logs } = await bootCloud({ assemblyDirectory });
  const token = await system.mintToken({ role: 'store', storeId: '1', region: undefined, groups: [] });
  expect(await refusalOf(system, { token })).toBe(502);
  expect(logs.join('\n')).toMatch(sentence('StoresConnectRole', 'dynamodb:PutItem'));
});

test("an authorizer that may not read the key's public half fails the handshake, not the token", async () => {
  const assemblyDirectory = without('StoresAuthorizeRole', 'kms:GetPublicKey');
  const { system, logs } = await bootCloud({ assemblyDirectory });
  const token = await system.mintToken({ role: 'store', storeId: '1', region: undefined, groups: [] });
  expect(await refusalOf(system, { token })).toBe(500);
  expect(logs.join('\n')).toMatch(sentence('StoresAuthorizeRole', 'kms:GetPublicKey'));
});

test('a management function that may not read the registry answers 500 and keeps the reason to its log', async () => {
  const assemblyDirectory = without('ManagementFunctionRole', 'dynamodb:Query');
  const { system, logs } = await bootCloud({ assemblyDirectory });
  const response = await system.request('GET', 'stores');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/AccessDenied|arn:/);
  expect(logs.join('\n')).toMatch(sentence('ManagementFunctionRole', 'dynamodb:Query'));
});

test('a broadcast that may not read the registry ends in the dead-letter queue after its retries', async () => {
  const clock = createClock();
  const assemblyDirectory = without('BroadcastFunctionRole', 'dynamodb:Query');
  const { system, logs } = await bootCloud({ assemblyDirectory, clock });
  const id = await system.publish('OfferWithdrawn', { offerId: 'o' });
  const [QueueUrl, { queues }] = [system.outputs.DeadLetterQueueUrl, system.clients];
  const body = await vi.waitFor(
    async () => {
      clock.advance(120_000);
      const { Messages } = await queues.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 }));
      return JSON.parse(Messages?.[0]?.Body ?? 'no message yet');
    },
    { timeout: patience(20_000), interval: 50 },
  );
  // "Capturing records of Lambda asynchronous invocations".
  expect(body).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { id },
    responsePayload: { errorType: 'AccessDeniedException' },
  });
  expect(logs.join('\n')).toMatch(sentence('BroadcastFunctionRole', 'dynamodb:Query'));
});

test('a broadcast that may not post reports its stores as failed, and they get nothing', async () => {
  const assemblyDirectory = without('BroadcastFunctionRole', 'execute-api:ManageConnections');
  const booted = await bootCloud({ assemblyDirectory });
  const store = await connectStore(booted.system);
  const id = await booted.system.publish('OfferWithdrawn', { offerId: 'o' });
  const report = await vi.waitUntil(() => broadcastReport(booted, id), { timeout: patience(20_000) });
  expect(report).toMatchObject({ sent: 0, gone: 0, failed: 1 });
  expect(store.updateIds).toEqual([]);
});

test('a function that the gateway has no permission to invoke is not invoked', async () => {
  const assemblyDirectory = editedAssembly(({ Resources }) => {
    for (const [id, { Type }] of Object.entries(Resources)) {
      if (Type === 'AWS::Lambda::Permission' && id.startsWith('StoresApidefault')) delete Resources[id];
    }
  });
  const { system, logs, errors } = await bootCloud({ assemblyDirectory });
  const store = await connectStore(system);
  store.send({ action: 'ping' });
  expect(await store.next()).toMatchObject({
    message: 'Internal server error',
    connectionId: expect.any(String),
  });
  expect(errors.join('\n')).toMatch(/apigateway\.amazonaws\.com is not authorized.*lambda:InvokeFunction/);
  expect(logs.filter(line => /-Stores[0-9A-F]{8} /.test(line))).toEqual([]);
});

test("a function's own access key may do what its role allows, and nothing else", async () => {
  const { system } = await bootCloud({ assemblyDirectory: tellingCredentials() });
  const response = await fetch(system.managementUrl);
  const { credentials, table: TableName } = (await response.json()) as Told;
  const { Region: region = '', AwsEndpointUrl: endpoint = '' } = system.outputs;
  const asFunction = new DynamoDBClient({ region, endpoint, credentials });
  const query = new QueryCommand({
    TableName,
    KeyConditionExpression: 's = :s',
    ExpressionAttributeValues: { ':s': { N: '0' } },
  });
  expect(await asFunction.send(query)).toMatchObject({ Count: 0 });
  const refusal = await asFunction.send(new ScanCommand({ TableName })).catch(error => error);
  expect(`${refusal.name}: ${refusal.message}`).toMatch(sentence('ManagementFunctionRole', 'dynamodb:Scan'));

  const { accessKeyId, secretAccessKey } = credentials;
  const withoutSession = { accessKeyId, secretAccessKey };
  const asThief = new DynamoDBClient({ region, endpoint, credentials: withoutSession });
  await expect(asThief.send(query)).rejects.toThrow(
    expect.objectContaining({ name: 'UnrecognizedClientException' }),
  );
});

/** What a function knows of itself. */
interface Told {
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  table: string;
}

/** An assembly whose management function answers with its own credentials. */
function tellingCredentials(): string {
  let key = '';
  const directory = editedAssembly(({ Resources }) => {
    const management = Object.entries(Resources).find(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith('ManagementFunction'),
    );
    key = (management?.[1].Properties?.Code as { S3Key: string } | undefined)?.S3Key ?? '';
  });
  const { files } = JSON.parse(readFileSync(join(directory, 'Storecast.assets.json'), 'utf8'));
  const asset = files[key.replace('.zip', '')].source.path;
  const code = `exports.handler = async () => ({ statusCode: 200, body: JSON.stringify({
    table: process.env.CONNECTIONS_TABLE,
    credentials: {
      accessKeyId: process.env.AWS_ACCESS_KEY_ID,
      secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
      sessionToken: process.env.AWS_SESSION_TOKEN,
    } }) });`;
  writeFileSync(join(directory, asset, 'index.cjs'), code);
  return directory;
}

test('a function that may not read a stream stops the local cloud, which polls it in its name', async () => {
  const assemblyDirectory = without('LiveFunctionRole', 'dynamodb:GetRecords');
  await expect(bootCloud({ assemblyDirectory })).rejects.toThrow(
    /LiveFunctionRole.*is not authorized to perform: dynamodb:GetRecords on resource: arn:aws:\S+\/stream\//,
  );
});
