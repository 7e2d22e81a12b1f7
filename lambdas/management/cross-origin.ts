/**
 * Lets the pages of browser tills renew their tokens: they come from origins of their own, and call nothing else here. The
 * function answers by itself, since API Gateway takes no `null` and no scheme of an app for an origin ("Configure CORS
 * for HTTP APIs").
 */

import { Environment } from '../../domain/names.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import type { HttpAnswer } from './http-answer.ts';

const { method, path } = operations.renewToken;
const PREFLIGHT_SECONDS = 600;

export interface CrossOriginRequest {
  path: string;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
}

/** The origins that the stack allows, besides the page's own. */
export function originsFromEnvironment(): string[] {
  return (process.env[Environment.allowedOrigins] ?? '').split(' ').filter(origin => origin !== '');
}

/** What an answer says to the browser; nothing where the page may not read it. */
export function crossOriginHeaders(
  { headers: { origin }, path: called }: CrossOriginRequest,
  allowed: readonly string[],
): Record<string, string> {
  if (origin === undefined || called !== path) return {};
  if (!allowed.includes(origin) && !allowed.includes('*')) return {};
  return { 'access-control-allow-origin': origin, vary: 'origin' };
}

/** The answer to a preflight request; undefined where the page may not call. */
export function preflightAnswer(
  request: CrossOriginRequest,
  allowed: readonly string[],
): HttpAnswer | undefined {
  const allowance = crossOriginHeaders(request, allowed);
  if (allowance['access-control-allow-origin'] === undefined) return undefined;
  return {
    statusCode: 204,
    headers: {
      ...allowance,
      'access-control-allow-methods': method,
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': String(PREFLIGHT_SECONDS),
    },
  };
}
