/** `@storecast/client` for Node: as in the project, and with a WebSocket where Node has none yet. */
import { createRequire } from 'node:module';
import {
  createStoreClient as createClient,
  type StoreClient,
  type StoreClientOptions,
} from '../../client/node.ts';

export * from '../../client/browser.ts';
export * from '../../client/node.ts';

type WebSocketConstructor = NonNullable<StoreClientOptions['WebSocket']>;

/** See `createStoreClient` of the project: on Node 20 the package brings the WebSocket that 22 has built in. */
export function createStoreClient(options: StoreClientOptions): StoreClient {
  return 'WebSocket' in globalThis
    ? createClient(options)
    : createClient({ WebSocket: bundled(), ...options });
}

/** Loaded at need, and by `require`: an import that waits would keep the package itself from being required. */
function bundled(): WebSocketConstructor {
  return createRequire(import.meta.url)('./web-socket.cjs');
}
