/** Our signature against the SDK's own signer, for the same posts. */

import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PostSigner } from '../../../../lambdas/gateway/post/signature.ts';

const text = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** As API Gateway makes them, and a few characters that it doesn't. */
const connectionId = text(`${LETTERS}-_=+/!'()* é`, 1, 20).filter(id => /[^.]/.test(id));
const credentials = fc.record(
  {
    accessKeyId: text(LETTERS, 16, 20),
    secretAccessKey: text(`${LETTERS}+/`, 40, 40),
    sessionToken: text(`${LETTERS}+/=`, 1, 900),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);
const body = fc.uint8Array({ maxLength: 400 }).map(bytes => Buffer.from(bytes));
/** Around a midnight, where the signing key changes, and at any time of some decades. */
const time = fc.oneof(
  fc.integer({ min: -3_000, max: 3_000 }).map(ms => Date.UTC(2026, 10, 30) + ms),
  fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2060, 0) }),
);

interface Post {
  connectionId: string;
  body: Buffer;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  now: number;
}

class Sha256 {
  #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as string));
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    this.#hash = createHash('sha256');
  }
}

function parse(head: string) {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.filter(Boolean).map(line => line.split(/: (.*)/, 2)));
  return { requestLine, headers: headers as Record<string, string> };
}

async function signedBySdk(region: string, path: string, headers: Record<string, string>, post: Post) {
  const signer = new SignatureV4({
    service: 'execute-api',
    region,
    credentials: post.credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = { method: 'POST', protocol: 'https:', hostname: 'gateway', path, body: post.body, headers };
  const signed = await signer.sign(request, { signingDate: new Date(post.now) });
  return Object.fromEntries(
    Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

describe('the signature of a post', () => {
  it('is that of the SDK, from post to post of the same signer', async () => {
    const post = fc.record({ connectionId, body, credentials, now: time });
    // One signer for them all: what it remembers of one must do no harm to the next.
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(post, fc.array(connectionId, { maxLength: 3 })), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('us-east-1', 'eu-central-1'),
        fc.constantFrom('/prod', '', '/a stage'),
        async (rounds, region, path) => {
          const host = 'abc.execute-api.amazonaws.com:8443';
          const signer = new PostSigner({ host, path: encodeURI(path), region });
          const posts = rounds.flatMap(([first, others]) => [
            first,
            ...others.map(id => ({ ...first, connectionId: id })),
          ]);
          for (const each of posts) {
            const request = signer.signedRequest(each.connectionId, each.body, each.credentials, each.now);
            const end = request.indexOf('\r\n\r\n');
            expect(request.subarray(end + 4)).toEqual(each.body);
            const { requestLine, headers } = parse(request.toString('latin1', 0, end));
            const sentPath = requestLine.split(' ')[1] ?? '';
            expect(decodeURIComponent(sentPath)).toBe(`${path}/@connections/${each.connectionId}`);
            expect(headers['content-length']).toBe(String(each.body.length));
            const unsigned = { host, 'content-type': headers['content-type'] ?? '' };
            const expected = await signedBySdk(region, sentPath, unsigned, each);
            const { 'content-length': _, ...signed } = headers;
            expect(signed).toEqual(expected);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is that of the body which a reused buffer holds now', () => {
    const signer = new PostSigner({ host: 'gateway', path: '/prod', region: 'us-east-1' });
    const keys = { accessKeyId: 'id', secretAccessKey: 'secret' };
    const buffer = Buffer.from('one');
    const first = signer.signedRequest('c', buffer, keys, 0);
    buffer.write('two');
    const second = signer.signedRequest('c', buffer, keys, 0);
    expect(second).not.toEqual(first);
    const another = new PostSigner({ host: 'gateway', path: '/prod', region: 'us-east-1' });
    expect(second).toEqual(another.signedRequest('c', Buffer.from('two'), keys, 0));
  });
});
