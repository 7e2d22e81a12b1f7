/** Publishes once, however often it is tried: a repeat after a lost answer carries the same key. */
import { useRef, useState } from 'preact/hooks';
import { operations } from '../../../domain/protocol/http-api.ts';
import { ApiError, reasonOf } from '../../api.ts';
import type { Publication } from '../../drafts/publication.ts';
import type { Chain } from '../use-chain.ts';

interface Sent {
  key: string;
  /** Once the chain has it. */
  updateId?: string;
}

export function usePublish({ api, ended }: Chain, published: (updateIds: string[]) => void) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const sent = useRef(new Map<string, Sent>());
  /** One after the other; what the chain has of a try that failed is not sent again. */
  const publish = async (publications: readonly Publication[]): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    const ids: string[] = [];
    try {
      for (const body of publications) ids.push(await publishOnce(body));
      published(ids);
    } catch (error) {
      const part =
        ids.length === 0
          ? 'It was not published'
          : `${ids.length} of ${publications.length} parts are published, the rest is not`;
      const isOver = error instanceof ApiError && error.status === 401;
      setFailure(`${part}: ${isOver ? 'the session has ended' : reasonOf(error)}.`);
      if (isOver) ended();
      setBusy(false);
    }
  };
  const publishOnce = async (body: Publication): Promise<string> => {
    const text = JSON.stringify(body);
    const attempt = sent.current.get(text) ?? { key: crypto.randomUUID() };
    sent.current.set(text, attempt);
    if (attempt.updateId !== undefined) return attempt.updateId;
    const headers = { 'idempotency-key': attempt.key };
    const { updateId } = await api.call(operations.publishUpdate, { body, headers });
    attempt.updateId = updateId;
    return updateId;
  };
  return { busy, failure, publish };
}
