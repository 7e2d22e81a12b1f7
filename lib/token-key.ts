/** The key that signs every token. Its private half never leaves KMS. */
import { RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import type { Configuration } from './configuration.ts';

export class TokenKey extends Construct {
  readonly key: kms.Key;

  /** @param props.keepData whether the key stays when the stack goes: deleting it signs everybody out for good */
  constructor(scope: Construct, id: string, props: Pick<Configuration, 'keepData'>) {
    super(scope, id);
    this.key = new kms.Key(this, 'Key', {
      description: 'Signs the tokens of stores, managers and publishers (ES256)',
      keySpec: kms.KeySpec.ECC_NIST_P256,
      keyUsage: kms.KeyUsage.SIGN_VERIFY,
      removalPolicy: props.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  /** Lets a function verify tokens, and tells it which key signs them. */
  grantVerify(handler: lambda.Function): void {
    this.key.grant(handler, 'kms:GetPublicKey');
    handler.addEnvironment(Environment.tokenKeyId, this.key.keyId);
  }

  /** Lets a function sign tokens of its own. */
  grantSign(handler: lambda.Function): void {
    this.key.grant(handler, 'kms:Sign');
  }
}
