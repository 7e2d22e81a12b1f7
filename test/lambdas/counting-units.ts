/** A client of DynamoDB that counts the units of its requests. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export function countingUnits(endpoint: string): { client: DynamoDBClient; units: () => number } {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials });
  let units = 0;
  client.middlewareStack.add(
    next => async args => {
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as typeof args.input;
      const result = await next({ ...args, input });
      const { ConsumedCapacity = [] } = result.output as { ConsumedCapacity?: Consumed | Consumed[] };
      for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) units += CapacityUnits;
      return result;
    },
    { step: 'initialize' },
  );
  return { client, units: () => units };
}

interface Consumed {
  CapacityUnits?: number;
}
