/** What an HTTP API makes of a Lambda's answer, "Lambda function response for format 2.0". */
import { isObject } from '../../json-text.ts';
import { readProxyStatus } from '../proxy-result.ts';
import type { HttpApiResponse } from '../types.ts';

/** The response that a payload stands for; undefined when it is malformed. */
export function httpResponse(payload: unknown): HttpApiResponse | undefined {
  if (!isObject(payload) || payload.statusCode === undefined) return inferredResponse(payload);
  const { headers = {}, cookies = [], body = '', isBase64Encoded = false } = payload;
  const status = readProxyStatus(payload);
  if (status === undefined || typeof body !== 'string' || !isObject(headers)) return undefined;
  if (!Array.isArray(cookies) || !cookies.every(cookie => typeof cookie === 'string')) return undefined;
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...responseHeaders(headers) },
    cookies,
    body: isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  };
}

/** Without a status code the whole answer is the body, "API Gateway makes the following assumptions". */
function inferredResponse(payload: unknown): HttpApiResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: typeof payload === 'string' ? payload : JSON.stringify(payload ?? null),
  };
}

/** Names in lower case, as HTTP APIs answer them. */
function responseHeaders(headers: Record<string, unknown>): Record<string, string> {
  const values = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(values.map(([name, value]) => [name.toLowerCase(), String(value)]));
}
