/** Signs tokens with the KMS key, whose private half never leaves it. */
import { type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Sign } from '../../domain/identity/mint-token.ts';

export function kmsSigner(client: KMSClient, keyId: string): Sign {
  return async message => {
    const { Signature } = await client.send(
      new SignCommand({
        KeyId: keyId,
        Message: message,
        MessageType: 'RAW',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    if (Signature === undefined) throw new Error(`KMS returned no signature by ${keyId}`);
    return Signature;
  };
}
