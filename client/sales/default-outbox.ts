/**
 * Where sales wait if the application doesn't say: a place named after the chain's endpoint and the store, so that no
 * sale of one store, or of a test, reaches another chain.
 */
import { claimsOf } from '../line/token-claims.ts';
import type { MessageStorage, OutboxStorage } from './outbox-storage.ts';

export interface StorePlace {
  /** Host and port of the store endpoint. */
  host: string;
  /** The store's id, as its token says. */
  storeId: string;
}

/** The store that a token speaks for, at an endpoint. @throws Error if the token is no JWT of a store */
export function placeOf(url: string, token: string): StorePlace {
  try {
    const { storeId } = claimsOf(token) as { storeId?: unknown };
    if (typeof storeId === 'string') return { host: new URL(url).host, storeId };
  } catch (error) {
    throw new Error(PROBLEM, { cause: error });
  }
  throw new Error(PROBLEM);
}

const PROBLEM = 'the outbox has no place: the token names no store; give the client an outbox';

/** An outbox that is found when it is first needed: address and token may come from functions. */
export function outboxAt(
  place: () => Promise<StorePlace>,
  open: (place: StorePlace) => OutboxStorage,
): OutboxStorage {
  let opened: OutboxStorage | undefined;
  const loaded = (): OutboxStorage => {
    if (opened === undefined) throw new Error('the outbox is not loaded');
    return opened;
  };
  const messages = (): MessageStorage => {
    const { messages: storage } = loaded();
    if (storage === undefined) throw new TypeError('the outbox keeps no messages');
    return storage;
  };
  return {
    async load(failed) {
      opened ??= open(await place());
      return opened.load(failed);
    },
    append: async sale => loaded().append(sale),
    settle: async (keys, refused) => loaded().settle(keys, refused),
    messages: {
      load: async () => messages().load(),
      append: async message => messages().append(message),
      remove: async messageId => messages().remove(messageId),
    },
    close: async () => opened?.close?.(),
  };
}
