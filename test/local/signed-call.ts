/** A request to one of AWS's JSON protocols with a good signature and any body, which no SDK would send. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface Call {
  /** `DynamoDB_20120810.PutItem` */
  target: string;
  body: string;
  /** @default the local cloud's operator */
  credentials?: Credentials;
  /** @default "/" */
  path?: string;
  headers?: Record<string, string>;
}

const operator = { accessKeyId: 'local', secretAccessKey: 'local' };

export async function signedCall(
  endpoint: string,
  { target, body, credentials = operator, path = '/', headers: more }: Call,
): Promise<{ status: number; text: string }> {
  const { host, hostname } = new URL(endpoint);
  const signer = new SignatureV4({ service: 'any', region: 'us-east-1', credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    path,
    body,
    headers: { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target, ...more },
  });
  const response = await fetch(new URL(path, endpoint), { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

class Sha256 {
  readonly #secret: string | Uint8Array | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: unknown) {
    this.#secret = secret as string | Uint8Array | undefined;
    this.#hash = this.#begin();
  }

  update(data: unknown): void {
    this.#hash.update(data as string | Uint8Array);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
  }
}
