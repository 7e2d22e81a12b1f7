/**
 * The system that the contract suite talks to: the deployed stack that `STORECAST_OUTPUTS` names, by the caller's
 * AWS credentials, else the local cloud, booted on what `cdk synth` wrote. The tests can't tell which.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, inject } from 'vitest';
import type { Identity } from '../../domain/identity/identity.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { mintIdentityToken, type TokenTimes } from './tokens.ts';

/** What a publisher writes; untyped, since bad details are tested too. */
export interface Publication {
  type: string;
  detail: unknown;
  /** @default contract-test */
  source?: string;
}

export interface System {
  storeEndpoint: string;
  managementUrl: string;
  /** Undefined where AWS itself answers. */
  awsEndpoint: string | undefined;
  outputs: Record<string, string>;
  clients: { events: EventBridgeClient; queues: SQSClient; keys: KMSClient; tables: DynamoDBClient };
  mintToken(identity: Identity, times?: TokenTimes): Promise<string>;
  /** Puts one event on the bus; answers what EventBridge said of it. */
  put(publication: Publication): Promise<PutResult>;
  /** The same for an event that the bus takes; answers the update's id. */
  publish(type: string, detail: { updateId?: string; [name: string]: unknown }): Promise<string>;
  /** Calls the HTTP API with this token, or with none; if left out, as a manager, or as a publisher for what changes something. */
  request(
    method: string,
    path: string,
    options?: { token?: string | undefined; body?: object },
  ): Promise<Response>;
}

export interface PutResult {
  EventId?: string | undefined;
  ErrorCode?: string | undefined;
  ErrorMessage?: string | undefined;
}

/** A name that no other test, and no earlier run on a deployed stack, has used. */
export function unique(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`;
}

/** To be called at the top of a test file; what it opens is closed when the file's tests have run. */
export async function openSystem(): Promise<System> {
  const file = process.env.STORECAST_OUTPUTS;
  const outputs = file === undefined ? await bootLocalCloud() : readOutputs(file);
  const system = describeSystem(outputs);
  afterAll(() => {
    for (const client of Object.values(system.clients)) client.destroy();
  });
  return system;
}

async function bootLocalCloud(): Promise<Record<string, string>> {
  const { assembly, exitCode, output } = inject('synthesis');
  if (exitCode !== 0) throw new Error(`the stack could not be synthesized:\n${output}`);
  const dataDirectory = mkdtempSync(join(tmpdir(), 'storecast-contract-'));
  const cloud = await startLocalCloud({ assemblyDirectory: assembly, dataDirectory, port: 0 });
  afterAll(async () => {
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  return cloud.outputs;
}

function readOutputs(file: string): Record<string, string> {
  const stacks = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  const outputs = Object.values(stacks).find(stack => stack.StoreEndpoint !== undefined);
  if (outputs === undefined) throw new Error(`${file} holds no outputs of a storecast stack`);
  return outputs;
}

/** A system by its outputs alone, which is all that a test may know of it. */
export function describeSystem(outputs: Record<string, string>): System {
  const clients = createClients(outputs);
  const { StoreEndpoint = '', ManagementUrl = '', TokenKeyId = '', AwsEndpointUrl } = outputs;
  const mintToken: System['mintToken'] = (identity, times) =>
    mintIdentityToken(clients.keys, TokenKeyId, identity, times);
  const put: System['put'] = publication => putEvent(clients.events, outputs, publication);
  return {
    storeEndpoint: StoreEndpoint,
    managementUrl: ManagementUrl,
    awsEndpoint: AwsEndpointUrl,
    outputs,
    clients,
    mintToken,
    put,
    async publish(type, detail) {
      const { EventId, ErrorMessage } = await put({ type, detail });
      if (EventId === undefined) throw new Error(`the bus refused the event: ${ErrorMessage}`);
      return detail.updateId ?? EventId;
    },
    async request(method, path, options = {}) {
      const role = method === 'GET' ? 'manager' : 'publisher';
      const token = 'token' in options ? options.token : await mintToken({ role, name: 'head-office' });
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const body = options.body && { body: JSON.stringify(options.body) };
      return fetch(new URL(path, ManagementUrl), { method, headers, ...body });
    },
  };
}

function createClients({ Region = '', AwsEndpointUrl }: Record<string, string>): System['clients'] {
  // The local cloud's operator.
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const config =
    AwsEndpointUrl === undefined
      ? { region: Region }
      : { region: Region, endpoint: AwsEndpointUrl, credentials };
  return {
    events: new EventBridgeClient(config),
    queues: new SQSClient(config),
    keys: new KMSClient(config),
    tables: new DynamoDBClient(config),
  };
}

async function putEvent(
  client: EventBridgeClient,
  { EventBusName = '' }: Record<string, string>,
  { type, detail, source = 'contract-test' }: Publication,
): Promise<PutResult> {
  const entry = { EventBusName, Source: source, DetailType: type, Detail: JSON.stringify(detail) };
  const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }));
  return Entries[0] ?? {};
}
