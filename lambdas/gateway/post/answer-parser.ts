/**
 * Reads one HTTP/1.1 answer (RFC 9112, 6.3) from what a socket has received so far. It starts over with each piece that
 * arrives: an answer of `@connections` is a few hundred bytes and arrives in one. Anything else is an error at once,
 * since the next bytes of a broken stream would be read as the answer to another post.
 */
export interface Answer {
  status: number;
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
  /** Its bytes as latin1. */
  body: string;
  /** Whether the socket may carry another request. */
  keepAlive: boolean;
}

/** The received bytes are not an HTTP answer. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

/** Far more than any answer of `@connections`. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * @param received all bytes since the request, as latin1
 * @param ended whether the server has closed its side: that ends a body of no stated length
 * @returns undefined while the answer is incomplete
 * @throws MalformedAnswerError
 */
export function parseAnswer(received: string, ended = false): Answer | undefined {
  if (received.length > MAX_ANSWER_BYTES) throw new MalformedAnswerError('the answer is too long');
  const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?\r\n/.exec(received);
  if (statusLine === null) {
    // An incomplete status line may still become a valid one.
    if (received.includes('\n') || !'HTTP/1.'.startsWith(received.slice(0, 7))) throw noAnswer();
    return undefined;
  }
  const status = Number(statusLine[2]);
  const headEnd = received.indexOf('\r\n\r\n', statusLine[0].length - 2);
  if (headEnd < 0) return undefined;
  const bodyStart = headEnd + 4;
  // An interim answer, such as 100 Continue, precedes the final one.
  if (status < 200) return parseAnswer(received.slice(bodyStart), ended);
  const headers = parseHeaders(received.slice(statusLine[0].length, headEnd));
  const body = parseBody(received, bodyStart, status, headers, ended);
  if (body === undefined) return undefined;
  const closes = /\bclose\b/i.test(headers.get('connection') ?? '');
  const keepAlive = statusLine[1] === '1' && !closes && body.end === received.length && !ended;
  return { status, headers, body: body.text, keepAlive };
}

function parseHeaders(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  if (head === '') return headers;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) throw noAnswer();
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

interface Body {
  text: string;
  /** Where it ends in what was received. */
  end: number;
}

function parseBody(
  received: string,
  start: number,
  status: number,
  headers: ReadonlyMap<string, string>,
  ended: boolean,
): Body | undefined {
  if (status === 204 || status === 304) return { text: '', end: start };
  const encoding = headers.get('transfer-encoding');
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked') throw new MalformedAnswerError('an unknown transfer encoding');
    return parseChunks(received, start);
  }
  const stated = headers.get('content-length');
  if (stated === undefined) return ended ? { text: received.slice(start), end: received.length } : undefined;
  if (!/^\d{1,9}$/.test(stated)) throw new MalformedAnswerError('the length is not a number');
  const end = start + Number(stated);
  return received.length < end ? undefined : { text: received.slice(start, end), end };
}

function parseChunks(received: string, start: number): Body | undefined {
  let text = '';
  let at = start;
  for (;;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd < 0) {
      if (received.length - at > 64) throw new MalformedAnswerError('a chunk has no length');
      return undefined;
    }
    const size = /^([0-9a-f]{1,7})(?:[ \t]*;.*)?[ \t]*$/i.exec(received.slice(at, lineEnd))?.[1];
    if (size === undefined) throw new MalformedAnswerError('the length of a chunk is not a number');
    const length = Number.parseInt(size, 16);
    const chunkStart = lineEnd + 2;
    if (length === 0) return endOfChunks(received, text, lineEnd);
    at = chunkStart + length + 2;
    if (received.length < at) return undefined;
    if (received.slice(at - 2, at) !== '\r\n')
      throw new MalformedAnswerError('a chunk is longer than its stated length');
    text += received.slice(chunkStart, at - 2);
  }
}

/** Trailers may follow the last chunk; an empty line ends them. */
function endOfChunks(received: string, text: string, lineEnd: number): Body | undefined {
  const end = received.indexOf('\r\n\r\n', lineEnd);
  return end < 0 ? undefined : { text, end: end + 4 };
}

function noAnswer(): MalformedAnswerError {
  return new MalformedAnswerError('the gateway sent something other than an HTTP/1.1 answer');
}
