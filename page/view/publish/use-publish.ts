/** Publishes once, however often it is tried: a repeat after a lost answer carries the same key. */
import { useRef, useState } from 'preact/hooks';
import { operations } from '../../../domain/protocol/http-api.ts';
import { type Api, reasonOf } from '../../api.ts';
import { DraftError } from '../../model/draft-fields.ts';
import type { Publication } from '../../model/publication.ts';

export function usePublish(api: Api, published: (updateId: string, words: string) => void) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const sent = useRef<{ body: string; key: string }>(undefined);
  const publish = async (publication: () => Publication, words: string): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      const body = publication();
      const text = JSON.stringify(body);
      if (sent.current?.body !== text) sent.current = { body: text, key: crypto.randomUUID() };
      const headers = { 'idempotency-key': sent.current.key };
      const { updateId } = await api.call(operations.publishUpdate, { body, headers });
      published(updateId, words);
    } catch (error) {
      setFailure(error instanceof DraftError ? error.message : `It was not published: ${reasonOf(error)}.`);
      setBusy(false);
    }
  };
  return { busy, failure, publish };
}
