/**
 * The network between stores and server: a port for each store, on which its line passes, is cut without a close frame,
 * and finds nobody until the network is back. No library knows of it, so all of them are cut alike.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A store without its line, in milliseconds since the epoch. */
export interface Absence {
  cutAt: number;
  /** When the network was there again. */
  backAt: number;
  /** When the store's next connection passed; undefined if none did. */
  reconnectedAt?: number;
}

export class CutNetwork {
  #serverPort = 0;

  /** Where the server is now. */
  leadTo(port: number): void {
    this.#serverPort = port;
  }

  async openWay(): Promise<Way> {
    const way = new Way(() => this.#serverPort);
    await way.listen();
    return way;
  }
}

export class Way {
  readonly absences: Absence[] = [];
  readonly #serverPort: () => number;
  readonly #sockets = new Set<Socket>();
  readonly #listener = createServer(socket => this.#pass(socket));
  #isDown = false;

  constructor(serverPort: () => number) {
    this.#serverPort = serverPort;
  }

  async listen(): Promise<void> {
    this.#listener.listen(0, '127.0.0.1');
    await once(this.#listener, 'listening');
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  cut(forMs: number): void {
    this.#isDown = true;
    for (const socket of this.#sockets) socket.destroy();
    const absence: Absence = { cutAt: Date.now(), backAt: Number.NaN };
    this.absences.push(absence);
    setTimeout(() => {
      this.#isDown = false;
      absence.backAt = Date.now();
    }, forMs);
  }

  #pass(store: Socket): void {
    if (this.#isDown) {
      store.destroy();
      return;
    }
    const server = connect(this.#serverPort(), '127.0.0.1', () => this.#reconnected());
    for (const [socket, other] of [
      [store, server],
      [server, store],
    ] as const) {
      this.#sockets.add(socket);
      // A frame must not wait for the one before to be acknowledged.
      socket.setNoDelay();
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }

  #reconnected(): void {
    const absence = this.absences.at(-1);
    if (absence !== undefined) absence.reconnectedAt ??= Date.now();
  }
}
