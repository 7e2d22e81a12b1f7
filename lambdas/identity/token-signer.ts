/** Signs with the KMS key, whose private half never leaves it. */
import { createHash } from 'node:crypto';
import { type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Sign } from '../../domain/identity/jws.ts';

/** KMS takes 4,096 bytes of a message at most, so it is given the digest alone; the signature is the same. */
export function kmsSigner(client: KMSClient, keyId: string): Sign {
  return async message => {
    const { Signature } = await client.send(
      new SignCommand({
        KeyId: keyId,
        Message: createHash('sha256').update(message).digest(),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    if (Signature === undefined) throw new Error(`KMS returned no signature by ${keyId}`);
    return Signature;
  };
}
