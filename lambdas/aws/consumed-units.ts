/**
 * Counts the capacity that DynamoDB charges for one piece of work, whatever part of the code asks for it. Nothing is
 * counted outside of such work.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { DynamoDBClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-dynamodb';
import type { InitializeMiddleware } from '@smithy/types';

/** In read units. */
export interface Consumption {
  units: number;
}

/** A write unit costs as much as five read units. */
export const READS_PER_WRITE = 5;

const WRITES = new Set(['PutItemCommand', 'UpdateItemCommand', 'DeleteItemCommand']);

const counted = new AsyncLocalStorage<Consumption>();

/** Does the work, and adds to `consumption` what it takes, also where it fails. */
export function counting<T>(consumption: Consumption, work: () => Promise<T>): Promise<T> {
  return counted.run(consumption, work);
}

/** Makes a client's requests count. A condition that fails is not told what it has taken. */
export function countUnits(client: DynamoDBClient): void {
  client.middlewareStack.add(count, { name: 'countUnits', step: 'initialize', override: true });
}

const count: InitializeMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next, context) => async args => {
  const consumption = counted.getStore();
  if (consumption === undefined) return next(args);
  const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
  const { ConsumedCapacity = [] } = result.output as { ConsumedCapacity?: Capacity | Capacity[] };
  const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  consumption.units += units * (WRITES.has(context.commandName ?? '') ? READS_PER_WRITE : 1);
  return result;
};

interface Capacity {
  CapacityUnits?: number;
}
