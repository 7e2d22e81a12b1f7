/**
 * Counts the capacity that DynamoDB charges for one piece of work, whatever part of the code asks for it. Nothing is
 * counted outside of such work.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** In read units. */
export interface Consumption {
  units: number;
}

/** A write unit costs as much as five read units. */
export const READS_PER_WRITE = 5;

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

const counted = new AsyncLocalStorage<Consumption>();

/** Does the work, and adds to `consumption` what it takes, also where it fails. */
export function counting<T>(consumption: Consumption, work: () => Promise<T>): Promise<T> {
  return counted.run(consumption, work);
}

/** That of the work under way, if it is counted. */
export function consumptionOfWork(): Consumption | undefined {
  return counted.getStore();
}

/** Adds what an operation of DynamoDB has taken. A condition that fails is not told. */
export function addConsumed(consumption: Consumption, operation: string, answer: object): void {
  const { ConsumedCapacity = [] } = answer as { ConsumedCapacity?: Capacity | Capacity[] };
  const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  consumption.units += units * (WRITES.has(operation) ? READS_PER_WRITE : 1);
}

interface Capacity {
  CapacityUnits?: number;
}
