/** How a till asks for a line. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ChainLine } from './chain-line.ts';

export interface Handshake {
  /** Milliseconds on a clock that nobody sets. */
  at: number;
  token: string | undefined;
  /** How the token came. */
  way: 'header' | 'subprotocol' | undefined;
  /** What the line calls itself. */
  name: string | undefined;
  /** What no till may do. */
  fault: string | undefined;
  /** What it was refused with. */
  status?: number;
  line?: ChainLine;
}

export function readHandshake({ headers, url = '' }: IncomingMessage, path: string): Handshake {
  const protocols = String(headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
  const after = (prefix: string) =>
    protocols.find(protocol => protocol.startsWith(prefix))?.slice(prefix.length);
  const header = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  const subprotocol = after('bearer.');
  const name = headers['storecast-line'] ?? after('line.');
  return {
    at: performance.now(),
    token: header ?? subprotocol,
    way: header !== undefined ? 'header' : subprotocol !== undefined ? 'subprotocol' : undefined,
    name: name === undefined ? undefined : String(name),
    fault: faultIn(url, path, { subprotocol, protocols, name }),
  };
}

function faultIn(
  url: string,
  path: string,
  { subprotocol, protocols, name }: { subprotocol: string | undefined; protocols: string[]; name: unknown },
): string | undefined {
  if (url.includes('eyJ')) return 'the till sent its token in the URL';
  if (url.replace(/\?.*$/, '') !== path) return `the till asked for ${url}; STORECAST_ENDPOINT has ${path}`;
  if (subprotocol !== undefined && !protocols.includes('storecast.v1')) {
    return 'the till offered bearer.TOKEN without storecast.v1';
  }
  if (name !== undefined && !/^[\w.-]+$/.test(String(name)))
    return `the line's name ${name} has other characters`;
  return undefined;
}

export function refuse(stream: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? '';
  stream.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
