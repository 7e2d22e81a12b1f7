/** Refusals of the HTTP API, as RFC 9457 words them. */
import { STATUS_CODES } from 'node:http';
import type { HttpAnswer } from './context.ts';

/** An answer that isn't the one asked for; the detail is for the caller. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** What can't be answered yet can be after the next roll-up. */
const RETRY_AFTER_SECONDS = 300;

export function problemResponse({ status, message }: HttpProblem): HttpAnswer {
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}),
    },
    body: JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail: message }),
  };
}
