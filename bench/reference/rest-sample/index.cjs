// The REST API that the line is held against: a sale is one write, a poll reads the log behind what the store has. No
// authorization, in its favour.
const { DynamoDBClient, PutItemCommand, QueryCommand } = require('@aws-sdk/client-dynamodb');

const database = new DynamoDBClient({});

exports.handler = async ({ body, queryStringParameters, requestContext }) =>
  requestContext.http.method === 'POST' ? takeSale(JSON.parse(body)) : updatesAfter(queryStringParameters);

async function takeSale({ sale, storeId }) {
  await database.send(
    new PutItemCommand({
      TableName: process.env.SALES_TABLE,
      Item: {
        k: { S: storeId },
        m: { S: `${sale.soldAt}#${sale.saleId}` },
        sale: { S: JSON.stringify(sale) },
      },
    }),
  );
  return { statusCode: 201, body: '{}' };
}

async function updatesAfter({ position }) {
  const { Items } = await database.send(
    new QueryCommand({
      TableName: process.env.UPDATES_TABLE,
      KeyConditionExpression: 'c = :all AND p > :position',
      ExpressionAttributeValues: { ':all': { S: 'all' }, ':position': { N: position } },
      ConsistentRead: true,
    }),
  );
  const updates = Items.map(({ u }) => JSON.parse(u.S));
  const last = Items.at(-1)?.p.N ?? position;
  return { statusCode: 200, body: JSON.stringify({ position: Number(last), updates }) };
}
