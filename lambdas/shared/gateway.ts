/** The connections that stores hold open, as API Gateway lets a backend reach them: `@connections`. */
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { Environment } from '../../domain/names.ts';
import type { ClosingFrame } from '../../domain/protocol.ts';
import { required } from './environment.ts';

/** Sockets that a broadcast keeps open side by side; also its window of posts under way. */
export const POST_WINDOW = 200;

/** The stage's callback URL is the endpoint: a custom domain would not change it. Retries live in the poster. */
export function createGatewayClient(endpoint: string): ApiGatewayManagementApiClient {
  return new ApiGatewayManagementApiClient({
    endpoint,
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: 5_000,
      connectionTimeout: 2_000,
      httpAgent: { keepAlive: true, maxSockets: POST_WINDOW },
      httpsAgent: { keepAlive: true, maxSockets: POST_WINDOW },
    },
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

  /** Ends a line without a word. */
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
