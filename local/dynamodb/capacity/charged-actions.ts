/** Charges reads of an item, and writes that change nothing: those that do are charged where write-tap.ts hears of them. */
import { chargeAction, type Done, type PartInput, type Store, showingGets } from './dynalite-store.ts';
import type { Item } from './item-size.ts';
import { ThrottlingError } from './throttling-error.ts';

chargeAction<PartInput>('getItem', (get, capacity) => (store, input, done) => {
  let item: Item | undefined;
  const view = showingGets(store, read => {
    item = read;
  });
  get(view, input, (error, result) => {
    if (error) return done(error);
    const { ConsistentRead = false, Key = {}, TableName } = input;
    answer(store, input, done, capacity.get(TableName, Key, item, ConsistentRead), result);
  });
});

for (const name of ['putItem', 'updateItem', 'deleteItem']) {
  chargeAction<PartInput>(name, (write, capacity) => (store, input, done) => {
    let existing: Item | undefined;
    const view = showingGets(store, read => {
      existing = read;
    });
    write(view, input, (error, result) => {
      const deletesNothing = name === 'deleteItem' && !error && existing === undefined;
      const throttled =
        deletesNothing || isFailedCondition(error)
          ? capacity.idleWrite(input.TableName, input.Key ?? input.Item ?? {}, existing)
          : undefined;
      answer(store, input, done, throttled ?? error, result);
    });
  });
}

function answer(
  store: Store,
  input: PartInput,
  done: Done,
  error: unknown,
  result?: Record<string, unknown>,
): void {
  if (error instanceof ThrottlingError && store.onThrottled) {
    store.onThrottled(input, error);
    done(null, { ConsumedCapacity: { TableName: input.TableName, CapacityUnits: 0 } });
  } else done(error, result);
}

function isFailedCondition(error: unknown): boolean {
  const type = (error as { body?: { __type?: string } } | null | undefined)?.body?.__type;
  return type?.endsWith('#ConditionalCheckFailedException') ?? false;
}
