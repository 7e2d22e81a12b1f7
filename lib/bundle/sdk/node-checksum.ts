/** Stands in for the SDK's checksums in the bundles: Node's own, without the implementations for where there is no Node. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';

type Secret = string | ArrayBuffer | ArrayBufferView;
type Data = string | ArrayBuffer | ArrayBufferView;

class Checksum {
  readonly #create: () => Hash | Hmac;
  #hash: Hash | Hmac;

  constructor(algorithm: string, secret: Secret | undefined) {
    const key = secret === undefined ? undefined : bytesOf(secret);
    this.#create = () => (key === undefined ? createHash(algorithm) : createHmac(algorithm, key));
    this.#hash = this.#create();
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#create();
  }
}

export class Sha256 extends Checksum {
  constructor(secret?: Secret) {
    super('sha256', secret);
  }
}

/** What SQS says a message's body was when it came. */
export class Md5 extends Checksum {
  constructor(secret?: Secret) {
    super('md5', secret);
  }
}

function bytesOf(data: Data): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}
