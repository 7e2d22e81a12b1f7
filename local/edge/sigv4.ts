/**
 * Verifies AWS Signature Version 4 in its Authorization header form, so that a Lambda's wrong region, secret
 * or path encoding fails here as it would on AWS ("Create a signed AWS API request"). Presigned URLs are not
 * verified: nothing that runs on the local cloud sends one.
 */
import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../http.ts';

/** What a request's Authorization header claims; nothing of it is verified yet. */
export interface SignedRequest {
  accessKeyId: string;
  /** YYYYMMDD of the credential scope. */
  date: string;
  region: string;
  service: string;
  /** The request's own time, e.g. `20261130T120000Z`. */
  timestamp: string;
  /** Lower-case names in the order of the header. */
  signedHeaders: string[];
  signature: string;
}

/** A signature that AWS would refuse, with AWS's own code and message. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly code: 'IncompleteSignatureException' | 'InvalidSignatureException';

  constructor(code: SignatureError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const algorithm = 'AWS4-HMAC-SHA256';
const toleranceMinutes = 15;
const unsignedPayload = 'UNSIGNED-PAYLOAD';

/**
 * Reads the Authorization header; undefined if there is none or it is of another scheme.
 * Throws a `SignatureError` (IncompleteSignatureException) if it is malformed.
 */
export function parseAuthorization(request: HttpRequest): SignedRequest | undefined {
  const header = request.headers.authorization;
  if (!header?.startsWith('AWS4-')) return undefined;
  const [scheme, ...fields] = header.split(/[\s,]+/).filter(field => field !== '');
  if (scheme !== algorithm) throw incomplete(`Unsupported AWS 'algorithm': '${scheme}'.`);
  const parameters = parseParameters(fields, header);
  const timestamp = timestampOf(request);
  requireParameters(parameters, timestamp, header);
  const scope = parseCredential(parameters.get('Credential') ?? '');
  const signedHeaders = (parameters.get('SignedHeaders') ?? '').split(';');
  if (!signedHeaders.includes('host')) {
    throw incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  return { ...scope, timestamp, signedHeaders, signature: parameters.get('Signature') ?? '' };
}

/**
 * Returns if the request was signed with this secret within 15 minutes of `now` (milliseconds since the
 * epoch), else throws a `SignatureError` (InvalidSignatureException).
 */
export function verifySignature(
  request: HttpRequest,
  signed: SignedRequest,
  secretAccessKey: string,
  now: number,
): void {
  checkTime(signed, now);
  const expected = createHmac('sha256', signingKey(secretAccessKey, signed))
    .update(stringToSign(request, signed))
    .digest();
  const given = Buffer.from(signed.signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw mismatch();
}

function parseParameters(fields: string[], header: string): Map<string, string> {
  return new Map(
    fields.map(field => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(field) ?? [];
      if (key === undefined || value === undefined) {
        throw incomplete(
          `Invalid key=value pair (missing equal-sign) in Authorization header ` +
            `(hashed with SHA-256 and encoded with Base64): '${hash('sha256', header, 'base64')}'.`,
        );
      }
      return [key, value];
    }),
  );
}

function requireParameters(
  parameters: Map<string, string>,
  timestamp: string | undefined,
  header: string,
): asserts timestamp is string {
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter(name => !parameters.get(name))
    .map(name => `Authorization header requires '${name}' parameter. `);
  if (timestamp === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  }
  if (missing.length === 0) return;
  const digest = hash('sha256', header, 'base64');
  throw incomplete(
    `${missing.join('')}(Hashed with SHA-256 and encoded with Base64) Authorization=${digest}`,
  );
}

function timestampOf(request: HttpRequest): string | undefined {
  const timestamp = request.headers['x-amz-date'] ?? basicDate(Date.parse(request.headers.date ?? ''));
  if (timestamp !== undefined && Number.isNaN(parseBasicDate(timestamp))) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  return timestamp;
}

function parseCredential(
  credential: string,
): Pick<SignedRequest, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const [accessKeyId = '', date = '', region = '', service = '', term, ...others] = credential.split('/');
  if (term === undefined || others.length > 0) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, ` +
        `got '${credential}'`,
    );
  }
  if (term !== 'aws4_request') {
    throw incomplete(`Credential should be scoped with a valid terminator: 'aws4_request', not '${term}'.`);
  }
  return { accessKeyId, date, region, service };
}

/** "Troubleshoot Signature Version 4 signing for AWS API requests": credential scope and expiry errors. */
function checkTime({ date, timestamp }: SignedRequest, now: number): void {
  const day = timestamp.slice(0, 8);
  if (date !== day) {
    throw invalid(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
        `'${date}' != '${day}', from '${timestamp}'.`,
    );
  }
  const signedAt = parseBasicDate(timestamp);
  const tolerance = toleranceMinutes * 60_000;
  if (signedAt < now - tolerance) {
    const limit = `${basicDate(now - tolerance)} (${basicDate(now)} - ${toleranceMinutes} min.)`;
    throw invalid(`Signature expired: ${timestamp} is now earlier than ${limit}`);
  }
  if (signedAt > now + tolerance) {
    const limit = `${basicDate(now + tolerance)} (${basicDate(now)} + ${toleranceMinutes} min.)`;
    throw invalid(`Signature not yet current: ${timestamp} is still later than ${limit}`);
  }
}

function stringToSign(request: HttpRequest, signed: SignedRequest): string {
  const { timestamp, date, region, service } = signed;
  const digest = hash('sha256', canonicalRequest(request, signed));
  return `${algorithm}\n${timestamp}\n${date}/${region}/${service}/aws4_request\n${digest}`;
}

function canonicalRequest(request: HttpRequest, { service, signedHeaders }: SignedRequest): string {
  return [
    request.method,
    service === 's3' ? request.path : canonicalPath(request.path),
    canonicalQuery(request.query),
    ...signedHeaders.map(name => canonicalHeader(request, name)),
    '',
    signedHeaders.join(';'),
    payloadHash(request, signedHeaders),
  ].join('\n');
}

/**
 * Every service but S3 drops empty and dot segments and encodes once more what was sent: a connection id's
 * `=`, sent as `%3D`, is signed as `%253D`.
 */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

/** Sorted by name, then by value; joining before sorting would put `a-b=` in front of `a=`. */
function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .map(parameter => {
      const [name = '', ...value] = parameter.split('=');
      return [encode(decode(name)), encode(decode(value.join('=')))] as const;
    })
    .sort(([nameA, valueA], [nameB, valueB]) => order(nameA, nameB) || order(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function canonicalHeader(request: HttpRequest, name: string): string {
  const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
  if (value === undefined) throw mismatch();
  return `${name}:${/[ \t]/.test(value) ? value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '') : value}`;
}

/**
 * The body is hashed even where a signed x-amz-content-sha256 states its hash: the header is only the
 * client's word, and a body that doesn't fit it must not pass.
 */
function payloadHash(request: HttpRequest, signedHeaders: string[]): string {
  const stated = signedHeaders.includes('x-amz-content-sha256') && request.headers['x-amz-content-sha256'];
  return stated === unsignedPayload ? unsignedPayload : hash('sha256', request.body);
}

/** Derived keys change once a day; the bound keeps forged scopes from filling the memory. */
const signingKeys = new Map<string, KeyObject>();
const maximumSigningKeys = 256;

function signingKey(secret: string, { date, region, service }: SignedRequest): KeyObject {
  const id = [secret, date, region, service].join('\n');
  const cached = signingKeys.get(id);
  if (cached) return cached;
  let key = createSecretKey(`AWS4${secret}`, 'utf8');
  for (const part of [date, region, service, 'aws4_request']) {
    key = createSecretKey(createHmac('sha256', key).update(part).digest());
  }
  const [oldest] = signingKeys.keys();
  if (signingKeys.size >= maximumSigningKeys && oldest !== undefined) signingKeys.delete(oldest);
  signingKeys.set(id, key);
  return key;
}

/** Encodes as AWS does: everything but A-Z a-z 0-9 - . _ ~ */
function encode(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A stray percent sign: no signer signs such a query.
    if (error instanceof URIError) throw mismatch();
    throw error;
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** 20261130T120000Z; undefined for a time that is none. */
function basicDate(time: number): string | undefined {
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Every request of a second has the same one, and reads it twice. */
let lastParsed: { text: string; time: number } | undefined;

function parseBasicDate(text: string): number {
  if (lastParsed?.text === text) return lastParsed.time;
  const time = readBasicDate(text);
  lastParsed = { text, time };
  return time;
}

function readBasicDate(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function incomplete(message: string): SignatureError {
  return new SignatureError('IncompleteSignatureException', message);
}

function invalid(message: string): SignatureError {
  return new SignatureError('InvalidSignatureException', message);
}

function mismatch(): SignatureError {
  return invalid(
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your AWS Secret Access Key and signing method. ' +
      'Consult the service documentation for details.',
  );
}
