/**
 * ECDSA over P-256 of a digest that the caller made. node:crypto hashes whatever it signs with such a key, so the two
 * lines of arithmetic (FIPS 186-5, section 6.4.1) are here. Not in constant time: keys of the local cloud guard nothing.
 */
import { createECDH, type KeyObject } from 'node:crypto';

/** The order of the curve's group. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The signature in DER: `SEQUENCE { INTEGER r, INTEGER s }`. */
export function signDigest(digest: Uint8Array, privateKey: KeyObject): Buffer {
  const secret = number(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'));
  for (;;) {
    const once = createECDH('prime256v1');
    // An uncompressed point: a byte, x, y.
    const r = number(once.generateKeys().subarray(1, 33)) % N;
    const s = (inverse(number(once.getPrivateKey())) * (number(digest) + r * secret)) % N;
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s));
  }
}

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** Modulo N, by Euclid's extended algorithm. */
function inverse(value: bigint): bigint {
  let [a, b] = [value % N, N];
  let [x, y] = [1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b] = [b % a, a];
    [x, y] = [y - quotient * x, x];
  }
  return ((x % N) + N) % N;
}

/** A zero byte before a leading bit that is set keeps it positive. */
function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, positive.length), positive]);
}

function sequence(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
