/** The public half of the key that signs: from KMS, or from the file in which somebody keeps it. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { CommandError } from '../errors.ts';
import type { Target } from '../target.ts';

export interface NamedKey {
  key: KeyObject;
  /** As KMS calls it; undefined for a file that doesn't say. */
  keyId: string | undefined;
  /** Where it is from, for people. */
  source: string;
}

/** @throws Error as KMS words it, for whoever may not have it */
export async function keyOfSystem(target: Target): Promise<NamedKey> {
  const { TokenKeyId: keyId } = target.outputs;
  const key = createPublicKey({ key: await target.publicKey(), format: 'der', type: 'spki' });
  return { key, keyId, source: 'of this system' };
}

/** Text before a PEM is for people (RFC 7468 section 2); every reader passes over it. */
const NAME = /^storecast key (\S+)$/m;

/** @throws CommandError where there is no key in it */
export function keyInFile(path: string): NamedKey {
  try {
    const text = readFileSync(path, 'utf8');
    return { key: createPublicKey(text), keyId: NAME.exec(text)?.[1], source: `in ${path}` };
  } catch (error) {
    throw new CommandError(`${path} holds no public key in PEM`, { cause: error });
  }
}

export function saveKey({ key, keyId }: NamedKey, path: string): void {
  writeFileSync(path, `storecast key ${keyId}\n${key.export({ format: 'pem', type: 'spki' })}`);
}
