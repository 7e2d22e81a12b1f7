/**
 * dynalite throws what its store fails with, out of a callback, which ends the process: on a full disk, for one. Here it
 * is DynamoDB's own answer to a fault inside it, which clients try again.
 */
import { replaceAction } from './dynalite-actions.ts';

type Done = (error?: unknown, data?: unknown) => void;
/** The options are those that the server was made with. */
type Store = { options: { onError?: (error: unknown) => void } };
type Action = (store: Store, data: unknown, done: Done) => void;

const ANSWER = {
  statusCode: 500,
  body: { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: 'Internal server error' },
};

const ACTIONS = [
  ...['batchGetItem', 'batchWriteItem', 'createTable', 'deleteItem', 'deleteTable', 'describeTable'],
  ...['getItem', 'listTables', 'putItem', 'query', 'scan', 'updateItem', 'updateTable'],
];
for (const name of ACTIONS) replaceAction(name, guarded);

function guarded(action: Action): Action {
  return (store, data, done) => {
    const answer: Done = (error, result) => {
      const isOwn = !error || (typeof error === 'object' && 'statusCode' in error);
      if (!isOwn) store.options.onError?.(error);
      done(isOwn ? error : ANSWER, result);
    };
    try {
      action(store, data, answer);
    } catch (error) {
      answer(error);
    }
  };
}
