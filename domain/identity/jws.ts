/**
 * Signs JSON as a JWS with a key that never leaves KMS. This module builds the text to sign and converts the signature to
 * JOSE's form; the caller asks KMS to sign. (RFC 7515, RFC 7518 section 3.4.)
 */
import * as v from 'valibot';

/** Signs bytes with ECDSA over P-256 and SHA-256; answers the DER signature that KMS gives. */
export type Sign = (message: Uint8Array) => Promise<Uint8Array>;

/** The flattened JSON serialization (RFC 7515 section 7.2.2): three members, base64url each. */
export const FlattenedJws = v.object({ protected: v.string(), payload: v.string(), signature: v.string() });
export type FlattenedJws = v.InferOutput<typeof FlattenedJws>;

/** @param header says what the payload is by `typ`, and by `kid` which key signed it */
export async function signJws(
  header: { alg: string; typ: string; kid: string },
  payload: unknown,
  sign: Sign,
): Promise<FlattenedJws> {
  const signed = { protected: encodeJson(header), payload: encodeJson(payload) };
  const signature = await sign(new TextEncoder().encode(`${signed.protected}.${signed.payload}`));
  return { ...signed, signature: base64url(joseSignature(signature)) };
}

/** What it says, whether or not it is true. @throws SyntaxError or another Error for what is no JSON */
export function unverifiedPayload({ payload }: FlattenedJws): unknown {
  const binary = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, sign => sign.charCodeAt(0))));
}

/** Bytes of a call: a function takes some ten thousand arguments. */
const BYTES_AT_ONCE = 8_192;

function base64url(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += BYTES_AT_ONCE)
    binary += String.fromCharCode(...bytes.subarray(start, start + BYTES_AT_ONCE));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function encodeJson(value: unknown): string {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}

/** KMS answers `SEQUENCE { INTEGER r, INTEGER s }`; JOSE wants r and s as 32 bytes each, one after the other. */
function joseSignature(der: Uint8Array): Uint8Array {
  const signature = new Uint8Array(64);
  let offset = 2;
  for (const end of [32, 64]) {
    const length = der[offset + 1] ?? 0;
    const integer = der.subarray(offset + 2, offset + 2 + length);
    // A leading zero only keeps DER's integer positive.
    const value = integer.length > 32 ? integer.subarray(integer.length - 32) : integer;
    signature.set(value, end - value.length);
    offset += 2 + length;
  }
  return signature;
}
