/**
 * Sends `PostToConnectionCommand` without the SDK's middlewares, serializer, signer and HTTP handler: a broadcast
 * consists of posts, and the SDK spends ten times as much CPU on each as the post itself takes. Callers see no
 * difference: the command, the client's own credentials, region and clock, `$metadata` and the exceptions are the
 * SDK's. Other commands, and unusual posts, go through the SDK.
 */
import type {
  ApiGatewayManagementApiClient,
  PostToConnectionCommandInput,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { type InitializeMiddleware, SMITHY_CONTEXT_KEY } from '@smithy/types';
import { answerError, metadataOf } from './answer-error.ts';
import type { Answer } from './answer-parser.ts';
import { PostSigner } from './signature.ts';
import { SocketPool } from './socket-pool.ts';

type Config = ApiGatewayManagementApiClient['config'];

/** The SDK corrects its clock once the difference is more than its signatures tolerate. */
const SKEW_TOLERANCE_MS = 240_000;

export class ShortPath {
  readonly #config: Config;
  readonly #endpoint: URL;
  readonly #pool: SocketPool;
  #signer: PostSigner | undefined;

  constructor(config: Config, endpoint: URL, sockets: number) {
    this.#config = config;
    this.#endpoint = endpoint;
    this.#pool = new SocketPool({ url: endpoint, size: sockets });
  }

  readonly middleware: InitializeMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next, context) => {
    // An AbortSignal takes effect inside the SDK's handler.
    const isPlainPost =
      context.commandName === 'PostToConnectionCommand' && !context[SMITHY_CONTEXT_KEY]?.abortSignal;
    if (!isPlainPost) return next;
    return async args => {
      const { ConnectionId, Data } = args.input as PostToConnectionCommandInput;
      if (!isUsualId(ConnectionId) || !isBytes(Data)) return next(args);
      const answer = await this.#post(ConnectionId, bytesOf(Data));
      if (answer.status >= 300) throw this.#error(answer);
      return { output: { $metadata: metadataOf(answer) }, response: answer };
    };
  };

  destroy(): void {
    this.#pool.destroy();
  }

  async #post(connectionId: string, body: Buffer): Promise<Answer> {
    // Read for each post, as the SDK does: credentials are renewed while a broadcast runs.
    const credentials = await this.#config.credentials();
    this.#signer ??= await this.#createSigner();
    const now = Date.now() + this.#config.systemClockOffset;
    return this.#pool.send(this.#signer.signedRequest(connectionId, body, credentials, now));
  }

  async #createSigner(): Promise<PostSigner> {
    const { host, pathname } = this.#endpoint;
    return new PostSigner({ host, path: pathname.replace(/\/$/, ''), region: await this.#config.region() });
  }

  /** As the SDK does, a refusal with another time sets the client's clock for the next attempt. */
  #error(answer: Answer): Error {
    const serverTime = Date.parse(answer.headers.get('date') ?? '');
    const skew = serverTime - (Date.now() + this.#config.systemClockOffset);
    if (Math.abs(skew) > SKEW_TOLERANCE_MS) this.#config.systemClockOffset += skew;
    return answerError(answer);
  }
}

/** The SDK refuses an id that is empty, or that would be a dot segment of the path. */
function isUsualId(connectionId: unknown): connectionId is string {
  return typeof connectionId === 'string' && /[^.]/.test(connectionId);
}

function isBytes(data: unknown): data is string | Uint8Array {
  return typeof data === 'string' || data instanceof Uint8Array;
}

function bytesOf(data: string | Uint8Array): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
