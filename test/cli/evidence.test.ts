/** Evidence as an operator takes it, and as somebody reads it years later: from a file, with a key in another one. */
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { FlattenedSign } from 'jose';
import { expect, test, vi } from 'vitest';
import type { FlattenedJws } from '../../domain/identity/jws.ts';
import { openSystem, unique } from '../contract/system.ts';
import { patience } from '../patience.ts';
import { directory, fileOf, storecast } from './storecast.ts';

vi.setConfig({ testTimeout: patience(30_000) });
const system = await openSystem();
const outputs = fileOf('outputs.json', JSON.stringify({ Storecast: system.outputs }));
const { TokenKeyId = '' } = system.outputs;

const keyFile = join(directory, 'key.pem');
const saved = await storecast(['verify', '--save-key', keyFile], outputs);
/** Of an update for one store, which was never on the line. */
const updateId = await system.publish('PriceChanged', {
  prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
  audience: { stores: [unique('store')] },
});
await vi.waitFor(
  async () => expect((await system.request('GET', `updates/${updateId}`)).status).toBe(200),
  patience(10_000),
);
const { stdout: text } = await storecast(['evidence', updateId], outputs);
const evidence = fileOf('evidence.json', text);

test('the key is saved once; then evidence holds, and no system is asked', async () => {
  expect(saved).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: `the public key ${TokenKeyId} is in ${keyFile}\n`,
  });
  const verified = await storecast(
    ['verify', evidence, '--key', keyFile],
    join(directory, 'no-outputs.json'),
  );
  expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
  expect(verified.stdout).toMatch(
    new RegExp(
      `^✔ update ${updateId} \\(price.changed, published .*\\): 0 of 1 applied · .* 1 offline .* with key ${TokenKeyId}\n$`,
    ),
  );
});

test('the system is asked for its key where none is named, and JSON is all that was signed', async () => {
  const { exitCode, stdout } = await storecast(['verify', evidence, '--json'], outputs);
  expect(exitCode).toBe(0);
  const delivery = await (await system.request('GET', `updates/${updateId}/delivery`)).json();
  expect(JSON.parse(stdout)).toMatchObject({ items: [{ keyId: TokenKeyId, delivery, after: null }] });
});

const jws: FlattenedJws = JSON.parse(text);
const changed = (part: keyof FlattenedJws, change: (json: string) => string) => {
  const json = Buffer.from(jws[part], 'base64url').toString();
  return JSON.stringify({ ...jws, [part]: Buffer.from(change(json)).toString('base64url') });
};
/** Another sign of base64url, of the same bits but the last one. */
const flipped = (sign = '') =>
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.at(
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(sign) ^ 1,
  );
const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const foreignKey = fileOf('foreign.pem', String(foreign.publicKey.export({ format: 'pem', type: 'spki' })));
const foreignPayload = new Uint8Array(Buffer.from(jws.payload, 'base64url'));
const byForeignKey = async (header: { kid: string; typ: string }) =>
  JSON.stringify(
    await new FlattenedSign(foreignPayload)
      .setProtectedHeader({ alg: 'ES256', ...header })
      .sign(foreign.privateKey),
  );
const token = await system.mintToken({ role: 'manager', name: 'ada' });
const [header = '', claims = '', signature = ''] = token.split('.');

test.each<[string, string, string]>([
  [
    'a changed state',
    changed('payload', json => json.replace('"offline"', '"applied"')),
    'was changed after key',
  ],
  [
    'a changed time of signing',
    changed('payload', json => json.replace('"madeAt":"20', '"madeAt":"19')),
    'was changed',
  ],
  [
    'a changed bit of the signature',
    JSON.stringify({ ...jws, signature: jws.signature.slice(0, -1) + flipped(jws.signature.at(-1)) }),
    'was changed after key',
  ],
  [
    'a header of another key',
    changed('protected', json => json.replace(TokenKeyId, 'another')),
    'names another key, another,',
  ],
  ['a broken header', JSON.stringify({ ...jws, protected: 'x' }), "was changed: its header can't be read"],
  [
    'the signature of another key, under the name of ours',
    await byForeignKey({ kid: TokenKeyId, typ: 'storecast-evidence' }),
    'was changed after key',
  ],
  ['a token', token, 'it is a token, and no evidence'],
  [
    'a token in the form of evidence',
    JSON.stringify({ protected: header, payload: claims, signature }),
    'it is signed as JWT, and is no evidence',
  ],
  ['half of it', text.slice(0, 200), 'it is no evidence'],
  ['nothing', '', 'there is nothing in it'],
])('%s is refused', async (_title, content, words) => {
  const file = fileOf(`${unique('evidence')}.json`, content);
  const { exitCode, stdout, stderr } = await storecast(['verify', file, '--key', keyFile]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toContain(`storecast: ${file}: `);
  expect(stderr).toContain(words);
});

test('evidence of another key holds by that key, and by no other', async () => {
  const file = fileOf('foreign.json', await byForeignKey({ kid: 'other', typ: 'storecast-evidence' }));
  expect(await storecast(['verify', file, '--key', foreignKey])).toMatchObject({ exitCode: 0 });
  const { exitCode, stderr } = await storecast(['verify', evidence, '--key', foreignKey]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`does not hold by the key in ${foreignKey}`);
});

test('of several updates and parts each holds, and none of the parts may be missing', async () => {
  const part = async (after: string | null, storeId: string, cursor?: string) => {
    const statement = JSON.parse(Buffer.from(jws.payload, 'base64url').toString());
    statement.after = after;
    statement.delivery = { ...statement.delivery, stores: [{ storeId, state: 'offline', at: null }], cursor };
    const payload = new TextEncoder().encode(JSON.stringify(statement));
    const signer = new FlattenedSign(payload).setProtectedHeader({ alg: 'ES256', typ: 'storecast-evidence' });
    return JSON.stringify(await signer.sign(foreign.privateKey));
  };
  const [first, second, third] = [
    await part(null, 'a', 'x'),
    await part('a', 'b', 'x'),
    await part('b', 'c'),
  ];
  const verify = (...lines: string[]) =>
    storecast(['verify', fileOf('parts.json', lines.join('\n')), '--key', foreignKey]);
  const whole = await verify(first, second, third);
  expect(whole).toMatchObject({ exitCode: 0, stderr: '' });
  expect(whole.stdout.trimEnd().split('\n')).toHaveLength(3);
  for (const [lines, missing] of [
    [[second, third], 'from the first on'],
    [[first, third], 'after a'],
    [[first, second], 'after b'],
  ] as const) {
    const { exitCode, stderr } = await verify(...lines);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`of update ${updateId} the stores ${missing} are missing`);
  }
});

test.each<[string, number, string[], string]>([
  ['no file', 2, [], 'name a file of evidence'],
  ['two keys', 2, ['x', '--key', keyFile, '--save-key', 'y'], '--save-key asks the system'],
  ['a file that is not there', 1, ['nowhere.json', '--key', keyFile], "nowhere.json can't be read"],
  ['a key that is none', 1, [evidence, '--key', evidence], 'holds no public key'],
])('%s is said, exit code %i', async (_title, exitCode, args, words) => {
  const ended = await storecast(['verify', ...args], outputs);
  expect(ended).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
});

test('there is none of what was never published', async () => {
  const ended = await storecast(['evidence', 'never'], outputs);
  expect(ended).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: 'storecast: no update never was published\n',
  });
});
