/** Socket.IO 4 with connection state recovery; with `log`, and with what its tutorial does where that recovers nothing. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Peer, PeerOptions, Server, Store, Update } from './peer.ts';
import { startServerPart } from './server-process.ts';

/** What is used of the package, which is installed for the run alone. */
interface SocketIoClient {
  io(
    url: string,
    options: { transports: string[]; auth: object },
  ): {
    auth: { serverOffset: number };
    on(event: 'update', listener: (update: string, offset: number | null) => void): void;
    once(event: 'connect', listener: () => void): void;
  };
}

export class SocketIoPeer implements Peer {
  readonly #options: PeerOptions;
  readonly #hasLog: boolean;
  readonly #client: SocketIoClient;
  #port = 0;

  constructor(options: PeerOptions, { log }: { log: boolean }) {
    this.#options = options;
    this.#hasLog = log;
    this.#client = createRequire(join(options.packages, 'package.json'))(
      'socket.io-client',
    ) as SocketIoClient;
  }

  async start(): Promise<Server> {
    const { dataDirectory, packages } = this.#options;
    const args = [packages, ...(this.#hasLog ? [join(dataDirectory, 'messages.db')] : [])];
    const server = await startServerPart(new URL('socket-io-server.ts', import.meta.url), args);
    this.#port = server.port;
    return server;
  }

  async connect({ handle, port }: Store): Promise<void> {
    const options = { transports: ['websocket'], auth: { serverOffset: 0 } };
    const socket = this.#client.io(`http://127.0.0.1:${port}`, options);
    socket.on('update', (update, offset) => {
      if (this.#hasLog && offset !== null) socket.auth.serverOffset = offset;
      handle((JSON.parse(update) as Update).number);
    });
    await new Promise<void>(resolve => socket.once('connect', resolve));
  }

  async publish(update: Update): Promise<void> {
    const body = JSON.stringify(update);
    const { ok } = await fetch(`http://127.0.0.1:${this.#port}`, { method: 'POST', body });
    if (!ok) throw new Error('the server did not take it');
  }
}
