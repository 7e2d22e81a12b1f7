/** KMS for asymmetric signing keys by node:crypto: sign, and the public half. Key material lies in the data directory. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
} from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import { privateDirectory } from '../private-files.ts';
import { storageError } from '../storage-error.ts';
import { signDigest } from './sign-digest.ts';

export interface KeyDefinition {
  keyId: string;
  arn: string;
}

interface SignInput {
  KeyId?: string;
  Message?: string;
  MessageType?: string;
  SigningAlgorithm?: string;
}

class KmsError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const ALGORITHM = 'ECDSA_SHA_256';
/** KMS hashes and signs at most so many bytes; of longer ones it takes the digest. */
const MESSAGE_BYTES = 4_096;
const DIGEST_BYTES = 32;

export class KeyService {
  readonly #keys = new Map<string, { arn: string; privateKey: KeyObject }>();

  /**
   * Opens the keys of a template; one that is not in the directory yet is made.
   *
   * @throws StorageError
   */
  constructor(directory: string, definitions: readonly KeyDefinition[]) {
    privateDirectory(directory);
    for (const { keyId, arn } of definitions) {
      const privateKey = readOrCreate(join(directory, `${keyId}.pem`));
      this.#keys.set(keyId, { arn, privateKey });
      this.#keys.set(arn, { arn, privateKey });
    }
  }

  handle(request: HttpRequest): HttpResponse {
    const operation = request.headers['x-amz-target']?.split('.')[1];
    try {
      const input = JSON.parse(request.body.toString()) as SignInput;
      if (operation === 'Sign') return kmsResponse(200, this.#sign(input));
      if (operation === 'GetPublicKey') return kmsResponse(200, this.#getPublicKey(input));
      throw new KmsError('UnknownOperationException', `the local cloud has no KMS operation ${operation}`);
    } catch (error) {
      if (error instanceof KmsError) return kmsResponse(400, { __type: error.code, message: error.message });
      if (error instanceof SyntaxError) return kmsResponse(400, { __type: 'SerializationException' });
      throw error;
    }
  }

  #sign({ KeyId, Message = '', MessageType = 'RAW', SigningAlgorithm }: SignInput): object {
    const { arn, privateKey } = this.#key(KeyId);
    const message = Buffer.from(String(Message), 'base64');
    if (SigningAlgorithm !== ALGORITHM || (MessageType !== 'RAW' && MessageType !== 'DIGEST')) {
      throw new KmsError(
        'InvalidKeyUsageException',
        `the local cloud signs RAW messages and DIGESTs with ${ALGORITHM} only`,
      );
    }
    if (message.length === 0 || message.length > MESSAGE_BYTES) {
      throw new KmsError('ValidationException', `Message must have 1 to ${MESSAGE_BYTES} bytes`);
    }
    if (MessageType === 'DIGEST' && message.length !== DIGEST_BYTES) {
      throw new KmsError('ValidationException', `a digest of ${ALGORITHM} has ${DIGEST_BYTES} bytes`);
    }
    const options: SignKeyObjectInput = { key: privateKey, dsaEncoding: 'der' };
    const signature =
      MessageType === 'DIGEST' ? signDigest(message, privateKey) : sign('sha256', message, options);
    return { KeyId: arn, Signature: signature.toString('base64'), SigningAlgorithm };
  }

  #getPublicKey({ KeyId }: SignInput): object {
    const { arn, privateKey } = this.#key(KeyId);
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    return {
      KeyId: arn,
      PublicKey: publicKey.toString('base64'),
      KeySpec: 'ECC_NIST_P256',
      CustomerMasterKeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: [ALGORITHM],
    };
  }

  #key(keyId = '') {
    const key = this.#keys.get(keyId);
    if (key === undefined) throw new KmsError('NotFoundException', `Key '${keyId}' does not exist`);
    return key;
  }
}

function kmsResponse(status: number, body: object): HttpResponse {
  return jsonResponse(status, body, { 'content-type': 'application/x-amz-json-1.1' });
}

function readOrCreate(file: string): KeyObject {
  try {
    if (existsSync(file)) return createPrivateKey(readFileSync(file));
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // Renamed into place: a key file cut off by a kill would sign every store out.
    writeFileSync(`${file}.new`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return privateKey;
  } catch (error) {
    throw storageError(file, error);
  }
}
