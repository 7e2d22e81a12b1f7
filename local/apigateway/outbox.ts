/**
 * Writes what is sent within one turn of the event loop at its end, socket after socket: a broadcast then wakes the
 * receivers' process a few times, where a write between any two requests would wake it for each frame.
 */
import type { Duplex } from 'node:stream';

export class Outbox {
  readonly #held: Duplex[] = [];

  /** To be called before a write; the order of a socket's writes stays as it is, its end included. */
  hold(socket: Duplex): void {
    if (socket.writableCorked > 0) return;
    socket.cork();
    if (this.#held.push(socket) === 1) setImmediate(() => this.#write());
  }

  #write(): void {
    for (const socket of this.#held.splice(0)) socket.uncork();
  }
}
