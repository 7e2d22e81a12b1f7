/** Requests with an `Upgrade` header: Node gives all of them to the listener for WebSockets. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Java's HttpClient, and curl with `--http2`, offer `h2c` on each plain request; a server may ignore the offer. */
export function isOfferToIgnore({ headers: { upgrade = '' } }: IncomingMessage): boolean {
  return !upgrade.split(',').some(protocol => protocol.trim().toLowerCase() === 'websocket');
}

/** Gives the connection back to the server as if the request had come without its offer. */
export function ignoreOffer(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name, value] = [request.rawHeaders[index] ?? '', request.rawHeaders[index + 1]];
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${value}`);
  }
  // Node reads headers as Latin-1.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
