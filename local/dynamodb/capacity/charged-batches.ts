/**
 * A part of a batch that is throttled is left unprocessed, and the batch fails only if all of its parts are ("BatchGetItem",
 * "BatchWriteItem"). Each part is charged as an action of its own.
 */
import './charged-actions.ts';
import { chargeAction, type PartInput, type Store } from './dynalite-store.ts';
import type { Item } from './item-size.ts';
import type { ThrottlingError } from './throttling-error.ts';

/** What is read from one table, and how. */
interface KeysRequest {
  Keys: Item[];
  ConsistentRead?: boolean;
  AttributesToGet?: string[];
  ProjectionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
}

type ByTable<T> = Record<string, T>;

replaceBatch<object[]>('batchWriteItem', 'UnprocessedItems', {
  countOf: requests => requests.length,
  leave: (left = [], { Item, Key }) => [
    ...left,
    Item === undefined ? { DeleteRequest: { Key } } : { PutRequest: { Item } },
  ],
});

replaceBatch<KeysRequest>('batchGetItem', 'UnprocessedKeys', {
  countOf: ({ Keys }) => Keys.length,
  leave: (left, { Key = {} }, requested) => ({
    ...settingsOf(requested),
    Keys: [...(left?.Keys ?? []), Key],
  }),
});

interface Batch<Requests> {
  countOf(requests: Requests): number;
  /** Adds a part to those of its table that are left. */
  leave(left: Requests | undefined, part: PartInput, requested: Requests): Requests;
}

function replaceBatch<Requests>(name: string, member: string, { countOf, leave }: Batch<Requests>): void {
  chargeAction<{ RequestItems: ByTable<Requests> }>(name, batch => (store, input, done) => {
    const { RequestItems } = input;
    const throttled: { part: PartInput; error: ThrottlingError }[] = [];
    const onThrottled: Store['onThrottled'] = (part, error) => throttled.push({ part, error });
    batch(Object.assign(Object.create(store) as Store, { onThrottled }), input, (error, result) => {
      const [first] = throttled;
      if (error || first === undefined) return done(error, result);
      const parts = Object.values(RequestItems).reduce((sum, requests) => sum + countOf(requests), 0);
      if (throttled.length === parts) return done(first.error);
      const left = { ...(result?.[member] as ByTable<Requests>) };
      for (const { part } of throttled) {
        const { TableName } = part;
        left[TableName] = leave(left[TableName], part, RequestItems[TableName] as Requests);
      }
      done(null, { ...result, [member]: left });
    });
  });
}

/** Without what dynalite has added for itself. */
function settingsOf(request: KeysRequest): Omit<KeysRequest, 'Keys'> {
  const { AttributesToGet, ConsistentRead, ExpressionAttributeNames, ProjectionExpression } = request;
  return JSON.parse(
    JSON.stringify({ AttributesToGet, ConsistentRead, ExpressionAttributeNames, ProjectionExpression }),
  );
}
