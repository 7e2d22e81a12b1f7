// The usual sample as it is run on a developer's machine: one page of the connections, and all posts at once.
const {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} = require('@aws-sdk/client-dynamodb');
const {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} = require('@aws-sdk/client-apigatewaymanagementapi');

const TableName = 'connections';
const database = new DynamoDBClient({ endpoint: process.env.TABLES });
const gateway = new ApiGatewayManagementApiClient({ endpoint: process.env.CONNECTIONS });

exports.connect = async ({ requestContext }) => {
  await database.send(new PutItemCommand({ TableName, Item: { c: { S: requestContext.connectionId } } }));
  return { statusCode: 200 };
};

exports.disconnect = async ({ requestContext }) => {
  await database.send(new DeleteItemCommand({ TableName, Key: { c: { S: requestContext.connectionId } } }));
  return { statusCode: 200 };
};

exports.broadcast = async ({ body }) => {
  const { Items } = await database.send(new ScanCommand({ TableName }));
  await Promise.all(
    Items.map(async ({ c }) => {
      try {
        await gateway.send(new PostToConnectionCommand({ ConnectionId: c.S, Data: body }));
      } catch (error) {
        console.error(error.name);
      }
    }),
  );
  return { statusCode: 200 };
};
