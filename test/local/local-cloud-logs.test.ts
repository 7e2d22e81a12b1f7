/**
 * What is said in confidence stays out of every log: tokens, names of people, what was sold, what is on offer. All of it
 * is planted, in good requests and in bad ones, in a system that works and in one whose functions fail; then everything
 * that was written anywhere is searched.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Template } from '../../local/assembly/assembly.ts';
import { fileOf, storecast } from '../cli/storecast.ts';
import { deadLetterOf } from '../contract/dead-letters.ts';
import { connect, connectStore, refusalOf } from '../contract/store.ts';
import type { System } from '../contract/system.ts';
import { tamperedToken } from '../contract/tokens.ts';
import { patience } from '../patience.ts';
import { type BootedCloud, bootCloud, editedAssembly } from './booted-cloud.ts';

vi.setConfig({ testTimeout: patience(60_000) });

const PLANTED = /planted|918273|eyJ[\w-]{8}/i;
const person = 'planted-person';
const sale = {
  saleId: 'planted-sale',
  soldAt: new Date().toISOString(),
  currency: 'EUR',
  total: 918_273,
  lines: [{ sku: 'planted-sku', quantity: 1, unitPrice: 918_273 }],
};
const offer = {
  offerId: 'o-1',
  title: 'Planted title',
  skus: ['planted-sku'],
  discount: { percent: 50 },
  validUntil: '2035-01-01T00:00:00Z',
};
const store = { role: 'store' as const, storeId: '0417', region: 'north', groups: [] };

/** Every text that the system wrote to a log. */
function writtenBy({ logs, errors, dataDirectory }: BootedCloud): string {
  const directory = join(dataDirectory, 'logs');
  const files = readdirSync(directory).map(name => readFileSync(join(directory, name), 'utf8'));
  return [...logs, ...errors, ...files].join('\n');
}

/** The first of what must not be there, with what stands around it. */
function leakIn(text: string): string | undefined {
  const at = text.search(PLANTED);
  return at < 0 ? undefined : text.slice(Math.max(0, at - 200), at + 200);
}

async function knock({ clients, outputs, ...system }: System): Promise<void> {
  const tampered = (tampering: Parameters<typeof tamperedToken>[2]) =>
    tamperedToken(clients.keys, outputs.TokenKeyId ?? '', tampering);
  const tokens = [
    await system.mintToken(store, { lifetimeSeconds: -1 }),
    await tampered({ signature: 'foreign-key' }),
    await tampered({ signature: 'none', header: { alg: 'none' } }),
    await tampered({ claims: { aud: 'planted-audience' } }),
    await tampered({ claims: { role: 'planted-role' } }),
    await tampered({ header: { kid: 'planted-kid' } }),
    'planted-malformed-token',
  ];
  const whole = { ...system, clients, outputs };
  for (const token of tokens) {
    expect(await refusalOf(whole, { token })).toBeGreaterThanOrEqual(400);
    expect(await refusalOf(whole, { token, by: 'subprotocol' })).toBeGreaterThanOrEqual(400);
    await system.request('GET', 'stores', { token });
  }
  expect(await refusalOf(whole, { query: `?token=${tokens[0]}` })).toBe(401);
  const manager = await system.mintToken({ role: 'manager', name: person });
  expect(await refusalOf(whole, { token: manager, origin: 'https://planted.example' })).toBe(403);
}

async function talk(system: System): Promise<void> {
  const line = await connectStore(system, store);
  const frames = [
    { action: 'sales', sales: [sale] },
    { action: 'sales', sales: [{ ...sale, total: 'planted' }] },
    { action: 'planted-action' },
    { action: 'applied', updates: [], rejected: [{ id: 'u', reason: 'planted reason' }] },
    '{"planted": no json',
  ];
  for (const frame of frames) {
    line.send(frame);
    await line.next(({ type }) => type !== 'update');
  }
  const newer = await connectStore(system, store);
  await newer.ping();
  await line.closed;
  const manager = await connect(system, { token: await system.mintToken({ role: 'manager', name: person }) });
  manager.send({ action: 'sales', sales: [sale] });
  await manager.next(frame => frame.type === 'error' || 'message' in frame);
}

async function call(system: System): Promise<void> {
  const token = await system.mintToken({ role: 'publisher', name: person });
  const send = (method: string, path: string, body?: string) =>
    fetch(new URL(path, system.managementUrl), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
  await send('POST', 'updates', JSON.stringify({ type: 'OfferPublished', detail: offer }));
  await send('POST', 'updates', '{"planted": no json');
  await send('POST', 'token');
  await send('GET', `stores/${token}`);
  await send('GET', 'stores/planted-store');
  await send('GET', 'stores?cursor=planted');
  await send('GET', 'stores/0417/sales?from=planted&to=planted');
  await system.publish('OfferPublished', offer);
  const { EventId = '' } = await system.put({
    type: 'OfferPublished',
    detail: { ...offer, discount: 'planted' },
  });
  await deadLetterOf(system, EventId);
}

/** Requests of AWS's own APIs that are no JSON. */
async function garble({ awsEndpoint = '' }: System): Promise<void> {
  for (const target of [
    'DynamoDB_20120810.PutItem',
    'AWSEvents.PutEvents',
    'AmazonSQS.SendMessage',
    'TrentService.Sign',
  ]) {
    await fetch(awsEndpoint, {
      method: 'POST',
      headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' },
      body: '{"planted": no json',
    });
  }
}

test('a system that works logs nothing that was said in confidence, to whoever knocks, talks or calls', async () => {
  const booted = await bootCloud();
  await knock(booted.system);
  await talk(booted.system);
  await call(booted.system);
  await garble(booted.system);
  const written = writtenBy(booted);
  expect(leakIn(written)).toBeUndefined();
  // It was listened to at all.
  for (const message of [
    'handshake unauthorized',
    'handshake forbidden',
    'line taken over',
    'event refused',
  ]) {
    expect(written).toContain(message);
  }
});

test('a system whose functions fail and crash logs why, and nothing else', async () => {
  let crashes = 0;
  const invoke = (name: string) => {
    if (!/Default|Broadcast|ManagementFunction/.test(name)) return undefined;
    crashes += 1;
    return crashes % 3 === 0 ? 'crash-after' : undefined;
  };
  const booted = await bootCloud({ assemblyDirectory: withoutData(), faults: { invoke } });
  await talk(booted.system);
  const token = await booted.system.mintToken({ role: 'manager', name: person });
  for (const path of ['stores', `stores/${token}`, 'stores/planted-store', 'updates']) {
    await booted.system.request('GET', path, { token });
  }
  await booted.system.publish('OfferPublished', offer);
  await vi.waitFor(
    () => expect(writtenBy(booted)).toMatch(/BroadcastFunction.*AccessDenied/),
    patience(9_000),
  );
  const written = writtenBy(booted);
  expect(leakIn(written)).toBeUndefined();
  for (const message of ['a frame failed', 'a request failed']) expect(written).toContain(message);
});

const STREAM_READING = /Stream|Shard|GetRecords/;

/** An assembly whose functions, once a line is open, may not reach their data. */
function withoutData(): string {
  return editedAssembly(({ Resources }: Template) => {
    for (const [id, { Type, Properties }] of Object.entries(Resources)) {
      if (
        Type !== 'AWS::IAM::Policy' ||
        !/^(StoresDefault|Broadcast|Management)FunctionRole|^StoresDefaultRole/.test(id)
      )
        continue;
      const { Statement } = (Properties as { PolicyDocument: { Statement: { Action: string | string[] }[] } })
        .PolicyDocument;
      const kept = Statement.filter(
        // Without its streams the local cloud would not start.
        ({ Action }) =>
          ![Action].flat().some(name => name.startsWith('dynamodb:') && !STREAM_READING.test(name)),
      );
      Statement.splice(0, Statement.length, ...kept);
    }
  });
}

test('the command line says on stderr what is wrong, and not what was in the file', async () => {
  const { system } = await bootCloud();
  const outputs = fileOf('outputs.json', JSON.stringify({ Storecast: system.outputs }));
  const runs = await Promise.all([
    storecast(['publish', 'offer', fileOf('broken.json', '{"title": planted}')], outputs),
    storecast(
      ['publish', 'offer', fileOf('offer.json', JSON.stringify({ ...offer, discount: 'x' }))],
      outputs,
    ),
    storecast(
      ['publish', 'price', '--currency', 'EUR', '--file', fileOf('p.csv', 'sku,amount\n"planted')],
      outputs,
    ),
    storecast(['stores'], fileOf('bad-outputs.json', '{"planted": no json')),
  ]);
  for (const { exitCode, stderr } of runs) {
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).not.toBe('');
    expect(leakIn(stderr)).toBeUndefined();
  }
});
