/** The connections that stores hold open, as API Gateway lets a backend reach them: `@connections`. */
import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { Environment } from '../../domain/names.ts';
import type { ClosingFrame } from '../../domain/protocol/store-frames.ts';
import { required } from '../aws/environment.ts';
import { ShortPath } from './post/short-path.ts';

/** Posts of a broadcast that are in flight at once, and the sockets that carry them. */
export const POST_WINDOW = 200;

/** The SDK's client, except that its posts take the short path. */
class GatewayClient extends ApiGatewayManagementApiClient {
  readonly #shortPath: ShortPath;

  constructor({ endpoint, ...config }: ApiGatewayManagementApiClientConfig & { endpoint: string }) {
    // The middleware stack is resolved once for each command, not again for each post.
    super({ ...config, endpoint, cacheMiddleware: true });
    this.#shortPath = new ShortPath(this.config, new URL(endpoint), POST_WINDOW);
    this.middlewareStack.add(this.#shortPath.middleware, {
      name: 'shortPath',
      step: 'initialize',
      priority: 'high',
    });
  }

  override destroy(): void {
    this.#shortPath.destroy();
    super.destroy();
  }
}

/**
 * The endpoint is the stage's callback URL, which a custom domain does not change. The poster does the retries.
 *
 * @param config for callers outside Lambda, whose credentials and region are not in their environment
 */
export function createGatewayClient(
  endpoint: string,
  config: Pick<ApiGatewayManagementApiClientConfig, 'credentials' | 'region'> = {},
): ApiGatewayManagementApiClient {
  return new GatewayClient({
    ...config,
    endpoint,
    maxAttempts: 1,
    requestHandler: { requestTimeout: 5_000, connectionTimeout: 2_000 },
  });
}

/** The gateway of the stage that the stack gave this function. */
export function gatewayFromEnvironment(): Gateway {
  return new Gateway({ client: createGatewayClient(required(Environment.gatewayEndpoint)) });
}

export class Gateway {
  readonly #client: ApiGatewayManagementApiClient;

  constructor(options: { client: ApiGatewayManagementApiClient }) {
    this.#client = options.client;
  }

  /** Tells a line why it ends and ends it; a line that is already gone is fine. */
  async close(connectionId: string, reason: ClosingFrame['reason']): Promise<void> {
    const frame: ClosingFrame = { type: 'closing', reason };
    await this.#unlessGone(
      this.#client.send(
        new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify(frame) }),
      ),
    );
    await this.disconnect(connectionId);
  }

  /** Ends a line without a `closing` frame. */
  async disconnect(connectionId: string): Promise<void> {
    await this.#unlessGone(this.#client.send(new DeleteConnectionCommand({ ConnectionId: connectionId })));
  }

  async #unlessGone(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!(error instanceof GoneException)) throw error;
    }
  }
}
