/**
 * Serves the management page and the description of the HTTP API out of the function's own bundle. Neither takes a token:
 * they hold nothing but what every deployment has, and the page asks the other routes for everything else, with a token.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Environment } from '../../domain/names.ts';
import { lazily, required } from '../aws/environment.ts';
import type { PublicRequest } from './api-request.ts';
import { type HttpAnswer, HttpProblem } from './http-answer.ts';

/** Where Lambda has unpacked the bundle. */
const pageFile = (name: string) => join(required('LAMBDA_TASK_ROOT'), 'page', name);

interface Asset {
  body: string;
  contentType: string;
}

const CONTENT_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Read when the page is first asked for: most requests are for something else. */
const page = lazily(() => {
  const endpoint = required(Environment.storeEndpoint);
  const document = readFileSync(pageFile('index.html'), 'utf8').replace('{{endpoint}}', endpoint);
  return {
    document: tagged(document),
    policy: contentSecurityPolicy(endpoint),
    assets: readAssets(pageFile('assets')),
  };
});

const openApi = lazily(() => tagged(readFileSync(pageFile('openapi.json'), 'utf8')));

/** `GET /` */
export async function getPage(request: PublicRequest): Promise<HttpAnswer> {
  const { document, policy } = page();
  return unlessKnown(request, document, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
  });
}

/** `GET /openapi.json`: what this API takes and answers. */
export async function getOpenApi(request: PublicRequest): Promise<HttpAnswer> {
  return unlessKnown(request, openApi(), { 'content-type': 'application/json' });
}

interface Tagged {
  text: string;
  etag: string;
}

function tagged(text: string): Tagged {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
}

/** Whoever has it already asks each time, since another deployment may have another one; a 304 is small. */
function unlessKnown(
  { headers }: PublicRequest,
  { text, etag }: Tagged,
  own: Record<string, string>,
): HttpAnswer {
  const known = headers['if-none-match'] === etag;
  return {
    statusCode: known ? 304 : 200,
    headers: { ...own, 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache', etag },
    ...(known ? {} : { body: text }),
  };
}

/** `GET /assets/{name}`: a name never stands for anything else, so a browser may keep it for good. */
export async function getAsset({ parameters }: PublicRequest): Promise<HttpAnswer> {
  const { name = '' } = parameters;
  const asset = page().assets.get(name);
  if (asset === undefined) throw new HttpProblem(404, `there is nothing at /assets/${name}`);
  return {
    statusCode: 200,
    headers: {
      'content-type': asset.contentType,
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${name}"`,
    },
    body: asset.body,
  };
}

function readAssets(directory: string): Map<string, Asset> {
  return new Map(
    readdirSync(directory).map(name => {
      const contentType = CONTENT_TYPES[extname(name)] ?? 'application/octet-stream';
      return [name, { body: readFileSync(join(directory, name), 'utf8'), contentType }];
    }),
  );
}

/** Nothing but what the page brings, from nowhere but its own origin, and the one line of its own. */
function contentSecurityPolicy(endpoint: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${new URL(endpoint).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
