/** The keys that sign tokens. Their private halves never leave KMS. */
import { RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';

export interface TokenKeyProps {
  /**
   * Which key signs, counted from 1. The one before it still verifies: going up by one is a rotation that nobody
   * notices, going up by two signs everybody out.
   */
  readonly generation: number;
  /** Whether the keys stay when the stack goes: deleting them signs everybody out for good. */
  readonly keepData: boolean;
  /** Another issuer whose tokens are valid too. @default - none */
  readonly externalIssuer?: ExternalIssuer;
}

/** An identity provider of the chain's own. */
export interface ExternalIssuer {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
}

export class TokenKey extends Construct {
  /** The newest, which signs. */
  readonly key: kms.Key;
  /** Signed before the newest did. */
  readonly #previous: readonly kms.Key[];
  readonly #externalIssuer: ExternalIssuer | undefined;

  constructor(scope: Construct, id: string, { generation, keepData, externalIssuer }: TokenKeyProps) {
    super(scope, id);
    this.#externalIssuer = externalIssuer;
    this.key = this.#create(generation, keepData);
    this.#previous = generation > 1 ? [this.#create(generation - 1, keepData)] : [];
  }

  /** Lets a function verify tokens, and tells it which keys sign them, the newest first. */
  grantVerify(handler: lambda.Function): void {
    const keys = [this.key, ...this.#previous];
    for (const key of keys) key.grant(handler, 'kms:GetPublicKey');
    handler.addEnvironment(Environment.tokenKeyIds, keys.map(({ keyId }) => keyId).join(' '));
    if (this.#externalIssuer === undefined) return;
    const { issuer, jwksUrl, audience } = this.#externalIssuer;
    handler.addEnvironment(Environment.externalIssuer, issuer);
    handler.addEnvironment(Environment.externalJwksUrl, jwksUrl);
    handler.addEnvironment(Environment.externalAudience, audience);
  }

  /** Lets a function sign tokens of its own. */
  grantSign(handler: lambda.Function): void {
    this.key.grant(handler, 'kms:Sign');
  }

  /** The construct id is a contract: under another id the key is replaced, and all tokens become invalid. */
  #create(generation: number, keepData: boolean): kms.Key {
    return new kms.Key(this, generation === 1 ? 'Key' : `Key${generation}`, {
      description: 'Signs the tokens of stores, managers and publishers (ES256)',
      keySpec: kms.KeySpec.ECC_NIST_P256,
      keyUsage: kms.KeyUsage.SIGN_VERIFY,
      removalPolicy: keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
  }
}
