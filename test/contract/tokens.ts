/** Tokens, good and bad. The good ones are signed by the system's own key in KMS, as an operator's are. */
import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { type Identity, TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../domain/identity/identity.ts';
import { mintToken } from '../../domain/identity/mint-token.ts';

export interface TokenTimes {
  /** Seconds since the epoch. @default now */
  issuedAt?: number;
  lifetimeSeconds?: number;
}

export function mintIdentityToken(
  keys: KMSClient,
  keyId: string,
  identity: Identity,
  { issuedAt = Date.now() / 1_000, lifetimeSeconds }: TokenTimes = {},
): Promise<string> {
  return mintToken(identity, keyId, message => signByKms(keys, keyId, message), issuedAt, lifetimeSeconds);
}

/** What goes into a token that is not as it should be; the rest is that of a good store token. */
export interface Tampering {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  /** @default kms */
  signature?: 'kms' | 'foreign-key' | 'none' | 'hmac-of-public-key';
}

/** A store's token, changed as described, with a signature of its own. */
export async function tamperedToken(
  keys: KMSClient,
  keyId: string,
  { header, claims, signature = 'kms' }: Tampering,
): Promise<string> {
  const now = nowSeconds();
  const goodClaims = { iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE, iat: now, exp: now + 600 };
  const signingInput = [
    { alg: 'ES256', typ: 'JWT', kid: keyId, ...header },
    { ...goodClaims, role: 'store', sub: '0001', storeId: '0001', ...claims },
  ]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const bytes = await signers[signature](Buffer.from(signingInput), keys, keyId);
  return `${signingInput}.${bytes.toString('base64url')}`;
}

type Signer = (message: Buffer, keys: KMSClient, keyId: string) => Promise<Buffer> | Buffer;

const signers: Record<NonNullable<Tampering['signature']>, Signer> = {
  kms: async (message, keys, keyId) => toJoseSignature(await signByKms(keys, keyId, message)),
  'foreign-key'(message) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return signWith('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  },
  none: () => Buffer.alloc(0),
  // The public key is no secret: a verifier that lets the token choose the algorithm takes it for one.
  async 'hmac-of-public-key'(message, keys, keyId) {
    const { PublicKey = new Uint8Array() } = await keys.send(new GetPublicKeyCommand({ KeyId: keyId }));
    const base64 = Buffer.from(PublicKey).toString('base64');
    const pem = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----`;
    return createHmac('sha256', pem).update(message).digest();
  },
};

async function signByKms(keys: KMSClient, KeyId: string, Message: Uint8Array): Promise<Uint8Array> {
  const { Signature } = await keys.send(
    new SignCommand({ KeyId, Message, MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' }),
  );
  if (Signature === undefined) throw new Error('KMS answered no signature');
  return Signature;
}

/** KMS answers `SEQUENCE { INTEGER r, INTEGER s }`; JOSE wants both as 32 bytes. */
function toJoseSignature(der: Uint8Array): Buffer {
  const lengthOfR = der[3] ?? 0;
  const r = der.subarray(4, 4 + lengthOfR);
  const s = der.subarray(6 + lengthOfR);
  return Buffer.concat([r, s].map(integer => Buffer.concat([Buffer.alloc(32), integer]).subarray(-32)));
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
