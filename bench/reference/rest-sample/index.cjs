// The REST API that the line is held against: a request's sales are one write, a poll reads the log behind what the store
// has. No authorization, no sums, nothing that tells a repeated sale from a new one: all in its favour.
const { deflateRawSync } = require('node:zlib');
const { DynamoDBClient, PutItemCommand, QueryCommand } = require('@aws-sdk/client-dynamodb');

const database = new DynamoDBClient({});

exports.handler = async ({ body, queryStringParameters, requestContext }) =>
  requestContext.http.method === 'POST' ? takeSales(JSON.parse(body)) : updatesAfter(queryStringParameters);

async function takeSales({ sales, storeId }) {
  const [{ soldAt, saleId }] = sales;
  const text = JSON.stringify(sales);
  await database.send(
    new PutItemCommand({
      TableName: process.env.SALES_TABLE,
      Item: {
        k: { S: storeId },
        m: { S: `${soldAt}#${saleId}` },
        // Several are alike, and small together.
        sales: sales.length === 1 ? { S: text } : { B: deflateRawSync(text) },
      },
    }),
  );
  return { statusCode: 201, body: '{}' };
}

async function updatesAfter({ position }) {
  const { Items } = await database.send(
    new QueryCommand({
      TableName: process.env.UPDATES_TABLE,
      KeyConditionExpression: 'channel = :all AND #position > :position',
      ExpressionAttributeNames: { '#position': 'position' },
      ExpressionAttributeValues: { ':all': { S: 'all' }, ':position': { N: position } },
      ConsistentRead: true,
    }),
  );
  const updates = Items.map(({ update }) => JSON.parse(update.S));
  const last = Items.at(-1)?.position.N ?? position;
  return { statusCode: 200, body: JSON.stringify({ position: Number(last), updates }) };
}
