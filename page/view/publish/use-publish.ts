/** Publishes once, however often it is tried: a repeat after a lost answer carries the same key. */
import { useRef, useState } from 'preact/hooks';
import { operations } from '../../../domain/protocol/http-api.ts';
import { ApiError, reasonOf } from '../../api.ts';
import type { Publication } from '../../drafts/publication.ts';
import type { PublicationAnswer } from '../../drafts/publish-outcome.ts';
import type { Chain } from '../use-chain.ts';

interface Sent {
  key: string;
  /** Once the chain has it. */
  answer?: PublicationAnswer;
}

export function usePublish({ api, ended }: Chain, published: (answers: PublicationAnswer[]) => void) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const sent = useRef(new Map<string, Sent>());
  /** @param undone what to say where it fails before anything is published */
  const attempt = async (work: () => Promise<void>, undone: () => string): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      const isOver = error instanceof ApiError && error.status === 401;
      setFailure(`${undone()}: ${isOver ? 'the session has ended' : reasonOf(error)}.`);
      if (isOver) ended();
      setBusy(false);
    }
  };
  /**
   * One after the other; what the chain has of a try that failed is not sent again.
   *
   * @param ready is waited for first
   */
  const publish = (publications: readonly Publication[], ready = async () => {}): Promise<void> => {
    const answers: PublicationAnswer[] = [];
    return attempt(
      async () => {
        await ready();
        for (const body of publications) answers.push(await publishOnce(body));
        published(answers);
      },
      () =>
        answers.length === 0
          ? 'It was not published'
          : `${answers.length} of ${publications.length} parts are published, the rest is not`,
    );
  };
  const publishOnce = async (body: Publication): Promise<PublicationAnswer> => {
    const text = JSON.stringify(body);
    const one = sent.current.get(text) ?? { key: crypto.randomUUID() };
    sent.current.set(text, one);
    if (one.answer !== undefined) return one.answer;
    const headers = { 'idempotency-key': one.key };
    one.answer = await api.call(operations.publishUpdate, { body, headers });
    return one.answer;
  };
  return { busy, failure, attempt, publish };
}
