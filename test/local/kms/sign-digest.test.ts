import { createHash, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { HttpRequest } from '../../../local/http.ts';
import { KeyService } from '../../../local/kms/key-service.ts';
import { signDigest } from '../../../local/kms/sign-digest.ts';

it('signs a digest as the message itself would be signed, whatever their bytes', () => {
  for (let round = 0; round < 20; round += 1) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // One r or s in 256 begins with a zero byte, and every other one with a bit that is set.
    for (let index = 0; index < 20; index += 1) {
      const message = randomBytes(5_000);
      const signature = signDigest(createHash('sha256').update(message).digest(), privateKey);
      expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'der' }, signature)).toBe(true);
      message[index] = (message[index] ?? 0) ^ 1;
      expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'der' }, signature)).toBe(false);
    }
  }
});

it.each<[string, number, number]>([
  ['RAW', 4_096, 200],
  ['RAW', 4_097, 400],
  ['RAW', 0, 400],
  ['DIGEST', 32, 200],
  ['DIGEST', 31, 400],
  ['DIGEST', 4_096, 400],
  ['SHAKE', 32, 400],
])('KMS takes %s of %i bytes: %i', (MessageType, bytes, status) => {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-kms-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const keys = new KeyService(directory, [{ keyId: 'key-1', arn: 'arn:key-1' }]);
  const Message = Buffer.alloc(bytes).toString('base64');
  const input = { KeyId: 'key-1', Message, MessageType, SigningAlgorithm: 'ECDSA_SHA_256' };
  const answer = keys.handle({
    method: 'POST',
    path: '/',
    query: {},
    headers: { 'x-amz-target': 'TrentService.Sign' },
    body: Buffer.from(JSON.stringify(input)),
  } as unknown as HttpRequest);
  expect(answer.status).toBe(status);
});
