import { generateKeyPairSync, sign } from 'node:crypto';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../domain/identity/identity.ts';
import { mintToken } from '../../domain/identity/mint-token.ts';
import { handler } from '../../lambdas/authorize.ts';
import { rosterFromEnvironment } from '../../lambdas/registry/roster.ts';
import { ALLOWED_ORIGIN, enterEnvironment, KEY_ID, startAws } from './aws.ts';
import { captureLog, tokenOf } from './events.ts';

const aws = await startAws();
enterEnvironment(aws);
const logged = captureLog();
afterEach(() => aws.reset());

const ARN = 'arn:aws:execute-api:local:1:api/prod/$connect';
const store: Identity = { role: 'store', storeId: 's1', region: 'north', groups: ['city', 'pilot'] };

const authorize = (headers: Record<string, string>) =>
  handler({ headers, methodArn: ARN } as unknown as APIGatewayRequestAuthorizerEvent);
const withToken = (token: string) => authorize({ Authorization: `Bearer ${token}` });

// First of all: afterwards this environment has the key.
it('fails by a fault of KMS, which is no refusal, and asks again for the next handshake', async () => {
  aws.faultOf = () => 'refuse';
  const token = await mintToken(store, KEY_ID, async () => new Uint8Array(70).fill(1), Date.now() / 1000);
  await expect(withToken(token)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  aws.reset();
  expect(await withToken(await tokenOf(aws, store))).toMatchObject({ principalId: 's1' });
});

describe('a handshake', () => {
  it.each<[string, (token: string) => Record<string, string>]>([
    ['the header', token => ({ Authorization: `Bearer ${token}` })],
    ['the header in lower case', token => ({ authorization: `bearer  ${token} ` })],
    ['a subprotocol', token => ({ 'Sec-WebSocket-Protocol': `storecast.v1, bearer.${token}` })],
  ])('is let in by a token in %s, and its identity goes along', async (_title, headersOf) => {
    expect(await authorize(headersOf(await tokenOf(aws, store)))).toEqual({
      principalId: 's1',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: ARN }],
      },
      context: {
        role: 'store',
        storeId: 's1',
        region: 'north',
        groups: 'city pilot',
        signedAt: expect.stringMatching(/^\d{13}$/),
      },
    });
  });

  it('is let in by subprotocols in two lines, of which the event has the last alone in its plain headers', async () => {
    const lines = [`bearer.${await tokenOf(aws, store)}`, 'storecast.v1'];
    const name = 'sec-websocket-protocol';
    const event = { headers: { [name]: lines[1] }, multiValueHeaders: { [name]: lines }, methodArn: ARN };
    expect(await handler(event as unknown as APIGatewayRequestAuthorizerEvent)).toMatchObject({
      policyDocument: { Statement: [{ Effect: 'Allow' }] },
    });
  });

  it('of a manager is let in by name', async () => {
    const token = await tokenOf(aws, { role: 'manager', name: 'ada' });
    expect(await withToken(token)).toMatchObject({
      principalId: 'ada',
      context: { role: 'manager', name: 'ada' },
    });
  });

  const s2: Identity = { ...store, storeId: 's2' };
  const effect = (Effect: string) => ({ policyDocument: { Statement: [{ Effect }] } });

  it('of a revoked store is forbidden, with an older token also after its restoration and its retirement', async () => {
    const stolen = await tokenOf(aws, s2);
    const roster = rosterFromEnvironment();
    await roster.heard({ storeId: 's2', region: undefined, groups: [] }, Date.now());
    await roster.revoke('s2', Date.now());
    expect(await withToken(stolen)).toMatchObject(effect('Deny'));
    expect(await withToken(await tokenOf(aws, s2))).toMatchObject(effect('Deny'));
    await roster.restore('s2');
    await roster.retire('s2');
    expect(await withToken(stolen)).toMatchObject(effect('Deny'));
    expect(await withToken(await tokenOf(aws, s2))).toMatchObject(effect('Allow'));
  });

  it('of a publisher is let in: it sees what a manager sees', async () => {
    const token = await tokenOf(aws, { role: 'publisher', name: 'erp' });
    expect(await withToken(token)).toMatchObject({
      policyDocument: { Statement: [{ Effect: 'Allow' }] },
      context: { role: 'publisher', name: 'erp' },
    });
  });
});

describe('a page that opens a line', () => {
  const from = async (headers: Record<string, string>) => {
    const token = await tokenOf(aws, { role: 'manager', name: 'ada' });
    const { policyDocument } = await authorize({
      'Sec-WebSocket-Protocol': `storecast.v1, bearer.${token}`,
      ...headers,
    });
    return policyDocument.Statement[0]?.Effect;
  };

  it.each<[string, Record<string, string>]>([
    ['an origin that the deployment allows', { Origin: ALLOWED_ORIGIN }],
    ['the very host that it connects to', { origin: 'http://localhost:4566', host: 'localhost:4566' }],
  ])('is let in from %s', async (_title, headers) => {
    expect(await from(headers)).toBe('Allow');
  });

  it.each<[string, Record<string, string>]>([
    ['another origin', { Origin: 'https://evil.example' }],
    ['a subdomain of an allowed one', { Origin: `${ALLOWED_ORIGIN}.evil.example` }],
    ['an allowed name under another scheme', { Origin: ALLOWED_ORIGIN.replace('https', 'http') }],
    ['an allowed name under another port', { Origin: `${ALLOWED_ORIGIN}:8443` }],
    ['another port of the same host', { Origin: 'http://localhost:8080', Host: 'localhost:4566' }],
    ['an opaque origin, as of a file', { Origin: 'null' }],
    ['an empty origin', { Origin: '' }],
  ])('is forbidden from %s', async (_title, headers) => {
    expect(await from(headers)).toBe('Deny');
    expect(logged.join('')).toContain('origin not allowed');
  });
});

describe('a handshake that gets 401', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = async (message: Uint8Array) => sign('sha256', message, privateKey);
  const now = () => Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each<[string, () => Promise<string>]>([
    ['of another key', () => mintToken(store, KEY_ID, stranger, now())],
    [
      'with the id of another key',
      async () => (await tokenOf(aws, store)).replace(/^[^.]+/, encode({ alg: 'ES256', kid: 'key-2' })),
    ],
    ['that has expired', () => tokenOf(aws, store, -1)],
    ['of a role that there is not', () => tokenOf(aws, { role: 'robot', name: 'x' } as unknown as Identity)],
    [
      'of a store without its id',
      () => tokenOf(aws, { ...store, storeId: undefined } as unknown as Identity),
    ],
    ['whose store id is a path', () => tokenOf(aws, { ...store, storeId: 'a/b' } as Identity)],
    [
      'without a signature',
      async () => `${encode({ alg: 'none' })}.${encode({ role: 'store', storeId: 's1' })}.`,
    ],
    [
      'whose claims were changed',
      async () =>
        (await tokenOf(aws, store)).replace(
          /\.[^.]+\./,
          `.${encode({ role: 'manager', sub: 'x', exp: now() + 60 })}.`,
        ),
    ],
    ['that is none', async () => 'token'],
  ])('has a token %s', async (_title, make) => {
    await expect(withToken(await make())).rejects.toThrow(/^Unauthorized$/);
  });

  it.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['no header, whatever its origin', { origin: 'https://evil.example' }],
    ['another scheme', { authorization: 'Basic abc' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['only its own subprotocol', { 'sec-websocket-protocol': 'storecast.v1' }],
  ])('has %s', async (_title, headers) => {
    await expect(authorize(headers)).rejects.toThrow(/^Unauthorized$/);
  });

  it('leaves no token in the log', async () => {
    const token = await tokenOf(aws, store, -1);
    await expect(withToken(token)).rejects.toThrow();
    expect(logged.join('')).toContain('handshake unauthorized');
    for (const part of token.split('.').slice(1)) expect(logged.join('')).not.toContain(part);
  });
});
