/** How the HTTP API answers: JSON that nobody keeps, and refusals as RFC 9457 words them. */
import { STATUS_CODES } from 'node:http';
import type { Problem } from '../../domain/protocol/http-api.ts';

export interface HttpAnswer {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string;
  /** The body is bytes, written in base64. */
  isBase64Encoded?: boolean;
}

/** An answer that isn't the one asked for; the detail is for the caller. */
export class HttpProblem extends Error {
  override readonly name: string = 'HttpProblem';
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/** What can't be answered yet can be after the next roll-up. */
const RETRY_AFTER_SECONDS = 300;
const WITH_STATUS: Record<number, Record<string, string>> = {
  401: { 'www-authenticate': 'Bearer' },
  503: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};

/** @param body undefined where there is none to send */
export function jsonAnswer(status: number, body: unknown, mediaType = 'application/json'): HttpAnswer {
  if (body === undefined) return { statusCode: status, headers: { 'cache-control': 'no-store' } };
  return { statusCode: status, headers: headersOf(mediaType), body: JSON.stringify(body) };
}

export function problemAnswer({ status, message, headers }: HttpProblem): HttpAnswer {
  const title = STATUS_CODES[status] ?? 'Error';
  const problem: Problem = { type: 'about:blank', title, status, detail: message };
  return {
    statusCode: status,
    headers: { ...headersOf('application/problem+json'), ...WITH_STATUS[status], ...headers },
    body: JSON.stringify(problem),
  };
}

/** An answer is for one caller, at this moment, and nothing but what its type says. */
function headersOf(contentType: string): Record<string, string> {
  return {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
}
