/** A call of each service that the handlers call, for a bundle of its own. */
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  LimitExceededException,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

export { ConditionalCheckFailedException, DynamoDBServiceException, GoneException, LimitExceededException };

const options = { maxAttempts: 2 };

export const calls = {
  DynamoDB: () =>
    new DynamoDBClient(options).send(new GetItemCommand({ TableName: 't', Key: { k: { S: 'k' } } })),
  'DynamoDB tables': () => new DynamoDBClient(options).send(new DescribeTableCommand({ TableName: 't' })),
  EventBridge: () =>
    new EventBridgeClient(options).send(
      new PutEventsCommand({ Entries: [{ Time: new Date(1e12), Detail: '{}' }] }),
    ),
  gateway: () =>
    new ApiGatewayManagementApiClient(options).send(new DeleteConnectionCommand({ ConnectionId: 'c=' })),
  KMS: () => new KMSClient(options).send(new GetPublicKeyCommand({ KeyId: 'k' })),
  Lambda: () =>
    new LambdaClient(options).send(new InvokeCommand({ FunctionName: 'f', Payload: Buffer.from('{}') })),
  SQS: () =>
    new SQSClient(options).send(
      new SendMessageCommand({ QueueUrl: `${process.env.AWS_ENDPOINT_URL}/1/q`, MessageBody: 'm' }),
    ),
};

/** Where the clients find their services in a Region. */
export function hosts(Region: string): string[] {
  const clients = [
    new DynamoDBClient(),
    new EventBridgeClient(),
    new KMSClient(),
    new LambdaClient(),
    new SQSClient(),
  ];
  return clients.map(({ config }) => config.endpointProvider({ Region }, {}).url.host);
}
