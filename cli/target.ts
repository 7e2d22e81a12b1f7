/** Which system a command speaks to: the local one by default, or a deployed stack by its outputs file. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Identity } from '../domain/identity/identity.ts';
import { mintToken } from '../domain/identity/mint-token.ts';
import { isStorecast, type Outputs, readOutputs } from '../domain/outputs.ts';
import { ApiClient } from './api-client.ts';
import { CommandError } from './errors.ts';

export const DEFAULT_DATA_DIRECTORY = '.storecast';
const COMMAND_TOKEN_SECONDS = 300;

export class Target {
  /** One that is missing throws when it is read. */
  readonly outputs: Outputs;
  /** Those that are there. */
  readonly present: Partial<Outputs>;
  readonly #config: { region?: string; endpoint?: string };
  readonly #kms: KMSClient;
  readonly api: ApiClient;
  readonly events: EventBridgeClient;
  readonly queues: SQSClient;

  constructor(outputs: Partial<Outputs>) {
    this.present = outputs;
    this.outputs = readOutputs(outputs);
    const { AwsEndpointUrl: endpoint, Region } = outputs;
    const region = Region === undefined ? {} : { region: Region };
    // The local cloud's operator; a deployed stack takes the caller's own credentials.
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    // AWS has endpoints of other kinds; an environment that asks for those means AWS.
    const own = { useFipsEndpoint: false, useDualstackEndpoint: false };
    const config = endpoint === undefined ? region : { ...region, endpoint, credentials, ...own };
    this.#config = config;
    this.#kms = new KMSClient(config);
    this.events = new EventBridgeClient(config);
    this.queues = new SQSClient(config);
    this.api = new ApiClient({
      url: () => this.outputs.ManagementUrl,
      token: role => this.mint({ role, name: 'storecast-cli' }, COMMAND_TOKEN_SECONDS),
    });
  }

  /** A token signed by the system's own key: whoever may use that key may speak for anybody. */
  mint(identity: Identity, lifetimeSeconds?: number): Promise<string> {
    const issuedAt = Date.now() / 1_000;
    const sign = (message: Uint8Array) => this.#sign(message);
    return mintToken(identity, this.outputs.TokenKeyId, sign, issuedAt, lifetimeSeconds);
  }

  /** The public half of the key that signs, in DER (SPKI). */
  async publicKey(): Promise<Buffer> {
    const { PublicKey } = await this.#kms.send(new GetPublicKeyCommand({ KeyId: this.outputs.TokenKeyId }));
    if (PublicKey === undefined) throw new CommandError('KMS answered no public key');
    return Buffer.from(PublicKey);
  }

  /** Puts an event on a bus, of updates unless another is named, and answers its id. @throws CommandError with the bus's reason */
  async putEvent(
    source: string,
    type: string,
    detail: object,
    bus = this.outputs.EventBusName,
  ): Promise<string> {
    const entry = {
      EventBusName: bus,
      Source: source,
      DetailType: type,
      Detail: JSON.stringify(detail),
    };
    const { Entries } = await this.events.send(new PutEventsCommand({ Entries: [entry] }));
    const { EventId, ErrorMessage } = Entries?.[0] ?? {};
    if (EventId === undefined)
      throw new CommandError(`the bus refused it: ${ErrorMessage ?? 'no reason given'}`);
    return EventId;
  }

  /** Has a function run once more, asynchronously. */
  async invoke(functionArn: string, payload: object): Promise<void> {
    // One command needs it, and rarely.
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    const lambda = new LambdaClient(this.#config);
    const Payload = JSON.stringify(payload);
    await lambda.send(new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload }));
    lambda.destroy();
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
  return new Target(outputsIn(path));
}

function outputsIn(path: string): Partial<Outputs> {
  const stack = Object.values(parseFile(path) ?? {}).find(isStorecast);
  if (stack === undefined) throw new CommandError(`${path} holds no outputs of a storecast stack`);
  return stack;
}

function parseFile(path: string): Record<string, unknown> | null {
  try {
    // Some editors and shells put a byte order mark before it.
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CommandError(`${path} can't be read as JSON`, { cause: error });
  }
}
