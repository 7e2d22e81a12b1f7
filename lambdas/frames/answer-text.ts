/** An answer as it is sent. The updates of a `synced` are written out once in an environment: a fleet that comes back asks for the same. */
import type { AnswerFrame } from '../../domain/protocol/chain-frames.ts';
import { encodedUpdate } from '../../domain/updates/catch-up-page.ts';

export function answerText(answer: AnswerFrame): string {
  if (answer.type !== 'synced') return JSON.stringify(answer);
  const { updates, ...rest } = answer;
  const texts = updates.map(update => encodedUpdate(update).text);
  return `${JSON.stringify(rest).slice(0, -1)},"updates":[${texts.join(',')}]}`;
}
