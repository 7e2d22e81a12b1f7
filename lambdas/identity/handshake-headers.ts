/** Reads the token, the subprotocol and the line's name from a handshake's headers. A token is never read from a URL. */
import * as v from 'valibot';
import { Name } from '../../domain/names.ts';
import {
  BEARER_SUBPROTOCOL_PREFIX,
  LINE_SUBPROTOCOL_PREFIX,
  SUBPROTOCOL,
} from '../../domain/protocol/subprotocols.ts';

type Headers = Record<string, string | undefined> | null | undefined;

interface HandshakeEvent {
  headers?: Headers;
  multiValueHeaders?: Record<string, string[] | undefined> | null;
}

/**
 * The headers of a handshake, each whole. A client may send a list in several lines, and API Gateway puts the last of
 * them alone into `headers`.
 */
export function handshakeHeaders({ headers, multiValueHeaders }: HandshakeEvent): Headers {
  if (!multiValueHeaders) return headers;
  const lines = Object.entries(multiValueHeaders);
  return Object.fromEntries(lines.map(([name, values]) => [name, values?.join(', ')]));
}

/** The token of `Authorization: Bearer …`, or of the subprotocol `bearer.…` where a client can't set headers. */
export function bearerToken(headers: Headers): string | undefined {
  const authorization = header(headers, 'authorization');
  if (authorization !== undefined) return /^bearer +(\S+)$/i.exec(authorization.trim())?.[1];
  return offeredWith(BEARER_SUBPROTOCOL_PREFIX, headers);
}

/**
 * How a line calls itself, by the header `Storecast-Line` or the subprotocol `line.…`, so that its store can tell it
 * from another one. What is no name is left out: it only says who took over.
 */
export function lineName(headers: Headers): string | undefined {
  const given = header(headers, 'storecast-line')?.trim() ?? offeredWith(LINE_SUBPROTOCOL_PREFIX, headers);
  return v.is(Name, given) ? given : undefined;
}

/** The subprotocol that `$connect` answers; undefined where the client offered none. */
export function selectedSubprotocol(headers: Headers): string | undefined {
  return offeredSubprotocols(headers).find(name => name === SUBPROTOCOL);
}

/**
 * Whether a page of this origin may open a line. Every browser sends the header and no page can forge it; other clients
 * leave it out.
 */
export function comesFromAllowedOrigin(headers: Headers, allowedOrigins: readonly string[]): boolean {
  const origin = header(headers, 'origin');
  if (origin === undefined || allowedOrigins.includes('*') || allowedOrigins.includes(origin)) return true;
  // A page of the host that it connects to: locally, one port serves both, under any of the machine's names.
  return URL.canParse(origin) && new URL(origin).host === header(headers, 'host');
}

/** The rest of the subprotocol that begins so. */
function offeredWith(prefix: string, headers: Headers): string | undefined {
  return offeredSubprotocols(headers)
    .find(name => name.startsWith(prefix))
    ?.slice(prefix.length);
}

function offeredSubprotocols(headers: Headers): string[] {
  const offered = header(headers, 'sec-websocket-protocol') ?? '';
  return offered.split(',').map(name => name.trim());
}

/** API Gateway passes names on as the client wrote them, in any case. */
function header(headers: Headers, name: string): string | undefined {
  const entry = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return entry?.[1];
}
