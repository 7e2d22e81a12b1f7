/**
 * A cloud assembly by hand, one resource of each kind, for tests of the local cloud itself: they need no product and wait
 * for no synthesis. The one function answers what it was called with, and the keys that it has.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from '../../local/assembly/assembly.ts';

/** @param directory an empty one */
export function writeSmallAssembly(directory: string, edit: (template: Template) => void = () => {}): string {
  const code = join(directory, 'code');
  mkdirSync(code);
  writeFileSync(join(code, 'index.js'), HANDLER);
  const template = smallTemplate();
  edit(template);
  writeJson(directory, 'Small.template.json', template);
  writeJson(directory, 'Small.assets.json', {
    files: { code: { source: { path: 'code' }, destinations: { here: { objectKey: 'code.zip' } } } },
  });
  writeJson(directory, 'manifest.json', {
    artifacts: {
      Small: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Small.template.json' } },
    },
  });
  return directory;
}

const HANDLER = `exports.handler = async event => {
  if (event.log) console.log(event.log);
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
  const headers = { 'content-type': 'application/json' };
  return { statusCode: 200, headers, body: JSON.stringify({ event, credentials }) };
};
`;

function writeJson(directory: string, name: string, value: unknown): void {
  writeFileSync(join(directory, name), JSON.stringify(value));
}

function smallTemplate(): Template {
  const statement = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
  const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
  const invoke = {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arn('Echo'),
      Principal: 'apigateway.amazonaws.com',
    },
  };
  return {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {},
          Policies: [
            {
              PolicyName: 'own',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  statement('dynamodb:*', arn('Own')),
                  statement('sqs:*', arn('OwnQueue')),
                  statement('events:TestEventPattern', '*'),
                ],
              },
            },
          ],
        },
      },
      Echo: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: 'b', S3Key: 'code.zip' },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: arn('Role'),
        },
      },
      Invoke: invoke,
      ...table('Own'),
      ...table('Other'),
      OwnQueue: { Type: 'AWS::SQS::Queue' },
      OtherQueue: { Type: 'AWS::SQS::Queue' },
      Key: {
        Type: 'AWS::KMS::Key',
        Properties: {
          KeySpec: 'ECC_NIST_P256',
          KeyUsage: 'SIGN_VERIFY',
          KeyPolicy: { Version: '2012-10-17', Statement: [] },
        },
      },
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'small' } },
      ...api('Http', 'HTTP', ['ANY /echo/{proxy+}', 'GET /only'], '$default'),
      ...api('Line', 'WEBSOCKET', ['$connect', '$default'], 'live'),
    },
    Outputs: {
      Bus: { Value: { Ref: 'Bus' } },
      KeyId: { Value: { Ref: 'Key' } },
      OwnTable: { Value: { Ref: 'Own' } },
      OtherTable: { Value: { Ref: 'Other' } },
      OwnQueueUrl: { Value: { Ref: 'OwnQueue' } },
      OtherQueueUrl: { Value: { Ref: 'OtherQueue' } },
    },
  };
}

function table(id: string): Template['Resources'] {
  const Properties = {
    AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [{ Region: { Ref: 'AWS::Region' } }],
  };
  return { [id]: { Type: 'AWS::DynamoDB::GlobalTable', Properties } };
}

function api(
  id: string,
  ProtocolType: string,
  routeKeys: string[],
  StageName: string,
): Template['Resources'] {
  const ApiId = { Ref: id };
  const resources: Template['Resources'] = {
    [id]: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        ProtocolType,
        Name: id,
        ...(ProtocolType === 'HTTP' ? {} : { RouteSelectionExpression: '$request.body.action' }),
      },
    },
    [`${id}Stage`]: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId, StageName, AutoDeploy: true } },
    [`${id}Integration`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Echo', 'Arn'] },
        ...(ProtocolType === 'HTTP' ? { PayloadFormatVersion: '2.0' } : {}),
      },
    },
  };
  routeKeys.forEach((RouteKey, index) => {
    const Target = { 'Fn::Join': ['', ['integrations/', { Ref: `${id}Integration` }]] };
    resources[`${id}Route${index}`] = {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { ApiId, RouteKey, Target },
    };
    if (RouteKey === '$default') {
      resources[`${id}Response`] = {
        Type: 'AWS::ApiGatewayV2::RouteResponse',
        Properties: { ApiId, RouteId: { Ref: `${id}Route${index}` }, RouteResponseKey: '$default' },
      };
    }
  });
  return resources;
}
