// The usual sample's broadcast: one page of the connections, and all posts at once. Errors of single lines are logged.
const { DynamoDBClient, ScanCommand } = require('@aws-sdk/client-dynamodb');
const {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} = require('@aws-sdk/client-apigatewaymanagementapi');

const database = new DynamoDBClient({});
const gateway = new ApiGatewayManagementApiClient({ endpoint: process.env.GATEWAY_ENDPOINT });

exports.handler = async event => {
  const { Items } = await database.send(new ScanCommand({ TableName: process.env.CONNECTIONS_TABLE }));
  const Data = JSON.stringify(event.detail);
  await Promise.all(
    Items.map(async ({ c }) => {
      try {
        await gateway.send(new PostToConnectionCommand({ ConnectionId: c.S, Data }));
      } catch (error) {
        console.error(error.name);
      }
    }),
  );
};
