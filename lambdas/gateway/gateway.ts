/** The connections that stores hold open, as API Gateway lets a backend reach them: `@connections`. */
import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { Environment } from '../../domain/names.ts';
import type { ClosingFrame, PongFrame } from '../../domain/protocol/chain-frames.ts';
import { patience } from '../aws/client-of.ts';
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
    requestHandler: { ...patience.requestHandler, connectionTimeout: 2_000 },
  });
}

/** The gateway of the stage that the stack gave this function. What ends a line is tried three times, by the SDK. */
export function gatewayFromEnvironment(): Gateway {
  const endpoint = required(Environment.gatewayEndpoint);
  const requestHandler = { ...patience.requestHandler, requestTimeout: 2_000 };
  return new Gateway({
    client: new ApiGatewayManagementApiClient({ endpoint, maxAttempts: 3, requestHandler }),
  });
}

export class Gateway {
  readonly #client: ApiGatewayManagementApiClient;

  constructor(options: { client: ApiGatewayManagementApiClient }) {
    this.#client = options.client;
  }

  /**
   * Tells a line why it ends, and ends it. A replaced line that can't be told stays: closed without a word, its client
   * would connect again. The line of a revoked store ends all the same.
   *
   * @returns false if nobody is there: the line has ended, or its `$connect` has not
   * @throws whatever a call failed with
   */
  async close(connectionId: string, closing: Omit<ClosingFrame, 'type'>): Promise<boolean> {
    try {
      if (!(await this.tell(connectionId, { type: 'closing', ...closing }))) return false;
    } catch (error) {
      if (closing.reason === 'revoked') await this.disconnect(connectionId);
      throw error;
    }
    await this.disconnect(connectionId);
    return true;
  }

  /** @returns false if nobody is there */
  async tell(connectionId: string, frame: ClosingFrame | PongFrame): Promise<boolean> {
    const Data = JSON.stringify(frame);
    try {
      await this.#client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data }));
      return true;
    } catch (error) {
      if (error instanceof GoneException) return false;
      throw error;
    }
  }

  /** Whether the line is open: its `$connect` has ended, and it has not. */
  async isOpen(connectionId: string): Promise<boolean> {
    try {
      await this.#client.send(new GetConnectionCommand({ ConnectionId: connectionId }));
      return true;
    } catch (error) {
      if (error instanceof GoneException) return false;
      throw error;
    }
  }

  /** Ends a line without a `closing` frame. */
  async disconnect(connectionId: string): Promise<void> {
    try {
      await this.#client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
    } catch (error) {
      if (!(error instanceof GoneException)) throw error;
    }
  }
}
