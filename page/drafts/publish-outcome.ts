/** What is told of a publication, and the way back from it. */

import type { AnswerOf, operations } from '../../domain/protocol/http-api.ts';
import type { CheckedPrice } from './checked-price.ts';
import type { Publication } from './publication.ts';
import type { PutBack } from './put-back.ts';

export type PublicationAnswer = AnswerOf<typeof operations.publishUpdate>;

export interface Published {
  answers: readonly PublicationAnswer[];
  /** The answers are of rollouts, whose waves are the updates. */
  inWaves?: boolean;
  words: string;
  /** What to say once every store has it, in place of the words. */
  arrived?: string;
  /** Undefined where it isn't prices that were published. */
  back?: PutBack;
}

/**
 * @param before the prices that held, for each publication
 * @param reached how many stores, in words
 */
export function outcomeOf(
  publications: readonly Publication[],
  before: readonly CheckedPrice[][],
  answers: readonly PublicationAnswer[],
  reached: string,
): Published {
  const isOfPrices = publications.every(({ type }) => type === 'PriceChanged');
  const inWaves = publications.some(({ detail }) => detail.rollout !== undefined);
  const verb = isOfPrices ? 'The prices are' : 'The offer is';
  const way = inWaves ? `going out to ${reached} in waves` : `published and on the way to ${reached}`;
  const done = { answers, inWaves, words: saidOf(answers, `${verb} ${way}.`) };
  const isOut = answers.map(({ state }) => state !== 'waiting');
  if (!isOfPrices || !isOut.includes(true)) return done;
  const out = <T>(all: readonly T[]) => all.filter((_, index) => isOut[index]);
  const ids = out(answers).map(({ updateId }) => updateId);
  return { ...done, back: { ids, inWaves, publications: out(publications), prices: out(before).flat() } };
}

/** What waits for a second person is not published, and says why. */
export function saidOf(answers: readonly PublicationAnswer[], words: string): string {
  const waiting = answers.filter(({ state }) => state === 'waiting');
  if (waiting.length === 0) return words;
  const reasons = [...new Set(waiting.flatMap(answer => answer.reasons ?? []))].join('; ');
  const why = reasons === '' ? '' : ` (${reasons})`;
  if (waiting.length === answers.length) return `A second person has to approve it first${why}.`;
  return `${words} ${waiting.length} of ${answers.length} parts wait for a second person${why}.`;
}
