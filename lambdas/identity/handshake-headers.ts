/** What a handshake's headers say: the token, and the subprotocol to select. A URL is never read for a token. */
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../../domain/protocol/store-frames.ts';

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
  const offer = offeredSubprotocols(headers).find(name => name.startsWith(BEARER_SUBPROTOCOL_PREFIX));
  return offer?.slice(BEARER_SUBPROTOCOL_PREFIX.length);
}

/** The subprotocol that `$connect` answers; undefined where the client offered none. */
export function selectedSubprotocol(headers: Headers): string | undefined {
  return offeredSubprotocols(headers).find(name => name === SUBPROTOCOL);
}

/**
 * Whether a page of this origin may open a line. Every browser sends the header and no page can forge it; whoever is no
 * browser leaves it out.
 */
export function comesFromAllowedOrigin(headers: Headers, allowedOrigins: readonly string[]): boolean {
  const origin = header(headers, 'origin');
  if (origin === undefined || allowedOrigins.includes('*') || allowedOrigins.includes(origin)) return true;
  // A page of the very host that it connects to: one port serves both locally, by whatever name it was called.
  return URL.canParse(origin) && new URL(origin).host === header(headers, 'host');
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
