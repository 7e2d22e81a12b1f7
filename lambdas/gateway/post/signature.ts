/**
 * The request head of a post to `@connections`, signed by Signature Version 4 ("Create a signed AWS API request"). The
 * SDK's signer analyses each request from scratch. Here, everything but the connection id is kept from post to post:
 * the body's hash for a broadcast, the head for a second, the signing key for a day.
 */
import { createHmac, hash, type KeyObject } from 'node:crypto';
import type { AwsCredentialIdentity } from '@smithy/types';
import { SigningKeys, signingTime } from '../../aws/direct/signing-keys.ts';

export interface PostTarget {
  /** As in the Host header: with the port, unless it is the protocol's default. */
  host: string;
  /** The stage: `/prod`. */
  path: string;
  region: string;
}

/** What posts with the same body, second and credentials have in common. */
interface Round {
  timestamp: string;
  body: Buffer;
  credentials: AwsCredentialIdentity;
  key: KeyObject;
  /** The canonical request after the path. */
  canonicalRest: Buffer;
  /** The string to sign up to the canonical request's hash. */
  toSign: string;
  /** The head after the connection id, up to the signature. */
  headRest: Buffer;
  /** What follows the signature: the head's end, and the body. */
  end: Buffer;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'execute-api';
/** As the SDK sends a blob. */
const CONTENT_TYPE = 'application/octet-stream';

export class PostSigner {
  readonly #target: PostTarget;
  readonly #canonicalStart: Buffer;
  readonly #headStart: Buffer;
  readonly #keys: SigningKeys;
  #round: Round | undefined;
  #second = Number.NaN;
  #timestamp = '';

  constructor(target: PostTarget) {
    this.#target = target;
    this.#keys = new SigningKeys(target.region, SERVICE);
    this.#canonicalStart = bytes(`POST\n${encode(`${target.path}/@connections/`).replaceAll('%2F', '/')}`);
    this.#headStart = bytes(`POST ${target.path}/@connections/`);
  }

  /** The whole request, as it goes over the wire. */
  signedRequest(connectionId: string, body: Buffer, credentials: AwsCredentialIdentity, now: number): Buffer {
    const round = this.#roundOf(body, credentials, this.#timestampOf(now));
    const id = encode(connectionId);
    // Every service but S3 encodes the sent path a second time: an id's `=`, sent as `%3D`, is signed as `%253D`.
    const canonical = textAround(this.#canonicalStart, id.replaceAll('%', '%25'), round.canonicalRest);
    const toSign = round.toSign + hash('sha256', canonical);
    const signature = createHmac('sha256', round.key).update(toSign).digest('hex');
    const idAt = this.#headStart.length;
    const restAt = idAt + id.length;
    const request = Buffer.allocUnsafe(restAt + round.headRest.length + signature.length + round.end.length);
    this.#headStart.copy(request);
    request.write(id, idAt, 'latin1');
    round.headRest.copy(request, restAt);
    const signatureAt = restAt + round.headRest.length;
    request.write(signature, signatureAt, 'latin1');
    round.end.copy(request, signatureAt + signature.length);
    return request;
  }

  /** The body is compared by its bytes, since the caller's buffer may hold another one by now. */
  #roundOf(body: Buffer, credentials: AwsCredentialIdentity, timestamp: string): Round {
    const round = this.#round;
    if (
      round?.timestamp === timestamp &&
      sameCredentials(round.credentials, credentials) &&
      round.body.equals(body)
    ) {
      return round;
    }
    this.#round = this.#newRound(body, credentials, timestamp);
    return this.#round;
  }

  #newRound(body: Buffer, credentials: AwsCredentialIdentity, timestamp: string): Round {
    const { host, region } = this.#target;
    const { accessKeyId, sessionToken } = credentials;
    const date = timestamp.slice(0, 8);
    const scope = `${date}/${region}/${SERVICE}/aws4_request`;
    const headers: [name: string, value: string][] = [
      ['content-type', CONTENT_TYPE],
      ['host', host],
      ['x-amz-date', timestamp],
    ];
    if (sessionToken !== undefined) headers.push(['x-amz-security-token', sessionToken]);
    const names = headers.map(([name]) => name).join(';');
    const canonicalHeaders = headers.map(([name, value]) => `${name}:${value}\n`).join('');
    const sentHeaders = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=`;
    return {
      timestamp,
      body: Buffer.from(body),
      credentials,
      key: this.#keys.keyFor(credentials.secretAccessKey, date),
      canonicalRest: bytes(`\n\n${canonicalHeaders}\n${names}\n${hash('sha256', body)}`),
      toSign: `${ALGORITHM}\n${timestamp}\n${scope}\n`,
      headRest: bytes(
        ` HTTP/1.1\r\n${sentHeaders}content-length: ${body.length}\r\nauthorization: ${authorization}`,
      ),
      end: Buffer.concat([bytes('\r\n\r\n'), body]),
    };
  }

  /** `20261130T120000Z` */
  #timestampOf(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#timestamp = signingTime(now);
    }
    return this.#timestamp;
  }
}

/** Nothing of a head is beyond ASCII. A text that is made of pieces for each post costs more to be read than to be signed. */
function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function textAround(start: Buffer, id: string, rest: Buffer): Buffer {
  const text = Buffer.allocUnsafe(start.length + id.length + rest.length);
  start.copy(text);
  text.write(id, start.length, 'latin1');
  rest.copy(text, start.length + id.length);
  return text;
}

function sameCredentials(one: AwsCredentialIdentity, other: AwsCredentialIdentity): boolean {
  return (
    one.secretAccessKey === other.secretAccessKey &&
    one.accessKeyId === other.accessKeyId &&
    one.sessionToken === other.sessionToken
  );
}

/** Percent-encodes as AWS does: everything except A-Z a-z 0-9 - . _ ~ */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
