/** An identity provider on a port of this machine: its keys at a URL, and tokens by them. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterAll } from 'vitest';

export const ISSUER = 'https://id.example.com/';
export const AUDIENCE = 'tills';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const privateKeys = { RS256: rsa.privateKey, ES256: elliptic.privateKey };
export const publicKeys = { RS256: rsa.publicKey, ES256: elliptic.publicKey };

export interface IdentityProvider {
  jwksUrl: string;
  /** How often its keys were asked for. */
  asked: number;
  /** Answers in place of the keys; to be undone by the test. */
  fault: ((response: ServerResponse) => void) | undefined;
}

/** Starts it for the tests of one file. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const keys = Object.entries(publicKeys).map(([alg, key]) => ({
    ...key.export({ format: 'jwk' }),
    kid: alg,
    alg,
    use: 'sig',
  }));
  const provider: IdentityProvider = { jwksUrl: '', asked: 0, fault: undefined };
  const server = createServer((_request, response) => {
    provider.asked += 1;
    if (provider.fault) provider.fault(response);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  provider.jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  afterAll(() => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  });
  return provider;
}

export interface ForeignToken {
  claims?: Record<string, unknown>;
  header?: { alg?: string; kid?: string };
  /** @default the provider's, by the algorithm */
  key?: KeyObject | Uint8Array;
}

export function foreignToken({ claims, header, key }: ForeignToken = {}): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 60;
  const { alg = 'RS256' } = header ?? {};
  return new SignJWT({ iss: ISSUER, aud: AUDIENCE, role: 'manager', sub: 'ada', exp, ...claims })
    .setProtectedHeader({ kid: alg, ...header, alg })
    .sign(key ?? privateKeys[alg as keyof typeof privateKeys]);
}
