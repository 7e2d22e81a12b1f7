/** Which system a command speaks to: the local one by default, or a deployed stack by its outputs file. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Identity } from '../domain/identity/identity.ts';
import { mintToken } from '../domain/identity/mint-token.ts';
import { CommandError } from './errors.ts';

/** The stack's outputs, in the shape of `cdk deploy --outputs-file`. */
export interface Outputs {
  StoreEndpoint: string;
  ManagementUrl: string;
  EventBusName: string;
  DeadLetterQueueUrl: string;
  RedeliveryQueueUrl: string;
  RedeliveryDeadLetterQueueUrl: string;
  TokenKeyId: string;
  Region: string;
  /** Only the local cloud has one. */
  AwsEndpointUrl?: string;
}

export const DEFAULT_DATA_DIRECTORY = '.storecast';
const COMMAND_TOKEN_SECONDS = 300;

export class Target {
  readonly outputs: Outputs;
  readonly #kms: KMSClient;
  readonly events: EventBridgeClient;
  readonly queues: SQSClient;

  constructor(outputs: Outputs) {
    this.outputs = outputs;
    const { Region: region, AwsEndpointUrl: endpoint } = outputs;
    // The local cloud's operator; a deployed stack takes the caller's own credentials.
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const config = endpoint === undefined ? { region } : { region, endpoint, credentials };
    this.#kms = new KMSClient(config);
    this.events = new EventBridgeClient(config);
    this.queues = new SQSClient(config);
  }

  /** A token signed by the system's own key: whoever may use that key may speak for anybody. */
  mint(identity: Identity, lifetimeSeconds?: number): Promise<string> {
    const keyId = this.outputs.TokenKeyId;
    return mintToken(
      identity,
      keyId,
      message => this.#sign(message),
      Math.floor(Date.now() / 1000),
      lifetimeSeconds,
    );
  }

  /** Puts an event on the bus, and answers its id. @throws CommandError with the bus's reason */
  async putEvent(source: string, type: string, detail: object): Promise<string> {
    const { Entries } = await this.events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: this.outputs.EventBusName,
            Source: source,
            DetailType: type,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );
    const { EventId, ErrorMessage } = Entries?.[0] ?? {};
    if (EventId === undefined)
      throw new CommandError(`the bus refused it: ${ErrorMessage ?? 'no reason given'}`);
    return EventId;
  }

  /** Reads from the HTTP API. @throws CommandError with the API's own detail */
  get(path: string): Promise<unknown> {
    return this.call('GET', path);
  }

  /** Calls the HTTP API as a manager. @throws CommandError with the API's own detail */
  async call(method: string, path: string): Promise<unknown> {
    const url = new URL(path, this.outputs.ManagementUrl);
    const token = await this.mint({ role: 'manager', name: 'storecast-cli' }, COMMAND_TOKEN_SECONDS);
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.status === 204) return undefined;
    const body = (await response.json()) as { detail?: string };
    if (!response.ok) throw new CommandError(body.detail ?? `${url} answered ${response.status}`);
    return body;
  }

  /** Every item of a list of the HTTP API, whatever its pages. */
  async list<T>(path: string, items = 'items'): Promise<{ first: Record<string, unknown>; items: T[] }> {
    const all: T[] = [];
    let first: Record<string, unknown> | undefined;
    let cursor: unknown;
    do {
      const query = `limit=1000${cursor ? `&cursor=${cursor}` : ''}`;
      const page = (await this.get(`${path}${path.includes('?') ? '&' : '?'}${query}`)) as Record<
        string,
        unknown
      >;
      first ??= page;
      all.push(...(page[items] as T[]));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return { first, items: all };
  }

  async #sign(message: Uint8Array): Promise<Uint8Array> {
    const command = new SignCommand({
      KeyId: this.outputs.TokenKeyId,
      Message: message,
      MessageType: 'RAW',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    const { Signature } = await this.#kms.send(command);
    if (Signature === undefined) throw new CommandError('KMS answered no signature');
    return Signature;
  }
}

/**
 * @param file `--outputs`; else `STORECAST_OUTPUTS`, else the local cloud's own
 * @throws CommandError that says what to do where there is no such file, or not of a storecast
 */
export function loadTarget(file: string | undefined): Target {
  const path = file ?? process.env.STORECAST_OUTPUTS ?? join(DEFAULT_DATA_DIRECTORY, 'outputs.json');
  if (!existsSync(path)) {
    throw new CommandError(
      `there is no ${path}: start the local system with npm start, or name a deployed stack's outputs file by --outputs`,
    );
  }
  return new Target(readOutputs(path));
}

function readOutputs(path: string): Outputs {
  let stacks: Record<string, Partial<Outputs>> | null;
  try {
    stacks = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandError(`${path} can't be read as JSON`, { cause: error });
  }
  const outputs = Object.values(stacks ?? {}).find(stack => stack?.StoreEndpoint && stack.TokenKeyId);
  if (outputs === undefined) throw new CommandError(`${path} holds no outputs of a storecast stack`);
  return outputs as Outputs;
}
