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

/** How an asset lies in the bundle, the smallest first; by its ending. */
const ENCODINGS = { br: '.br', gzip: '.gz' } as const;
type Encoding = keyof typeof ENCODINGS;

interface Asset {
  body: string;
  contentType: string;
  /** In base64. */
  encoded: Partial<Record<Encoding, string>>;
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
export async function getAsset({ parameters, headers }: PublicRequest): Promise<HttpAnswer> {
  const { name = '' } = parameters;
  const asset = page().assets.get(name);
  if (asset === undefined) throw new HttpProblem(404, `there is nothing at /assets/${name}`);
  const encoding = takenEncoding(asset, headers['accept-encoding'] ?? '');
  return {
    statusCode: 200,
    headers: {
      'content-type': asset.contentType,
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      etag: `"${name}${encoding === undefined ? '' : ENCODINGS[encoding]}"`,
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
    ...(encoding === undefined
      ? { body: asset.body }
      : { body: asset.encoded[encoding] ?? '', isBase64Encoded: true }),
  };
}

/** The gateway compresses nothing. @param accepted as the request's header has it */
function takenEncoding({ encoded }: Asset, accepted: string): Encoding | undefined {
  const taken = new Set(
    accepted
      .split(',')
      .filter(part => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map(part => part.split(';')[0]?.trim().toLowerCase()),
  );
  return (Object.keys(ENCODINGS) as Encoding[]).find(name => taken.has(name) && encoded[name] !== undefined);
}

function readAssets(directory: string): Map<string, Asset> {
  const files = new Set(readdirSync(directory));
  const encodedIn = (name: string) =>
    Object.entries(ENCODINGS)
      .filter(([, ending]) => files.has(name + ending))
      .map(([encoding, ending]) => [encoding, readFileSync(join(directory, name + ending), 'base64')]);
  const names = [...files].filter(name => extname(name) in CONTENT_TYPES);
  return new Map(
    names.map(name => [
      name,
      {
        body: readFileSync(join(directory, name), 'utf8'),
        contentType: CONTENT_TYPES[extname(name)] ?? 'application/octet-stream',
        encoded: Object.fromEntries(encodedIn(name)),
      },
    ]),
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
