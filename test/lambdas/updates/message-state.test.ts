/** What of messages is in the current state, for a store that the log no longer reaches. */
import { expect, it } from 'vitest';
import { CurrentState } from '../../../lambdas/updates/current-state.ts';
import { StateWriter } from '../../../lambdas/updates/state-writer.ts';
import { UpdateLog } from '../../../lambdas/updates/update-log.ts';
import { startAws, TABLES } from '../aws.ts';
import { DAY, message, NOW, record, unique } from '../updates.ts';

const aws = await startAws();
const current = new CurrentState({ client: aws.dynamodb, table: TABLES.current });
const log = new UpdateLog({ client: aws.dynamodb, table: TABLES.updates });
const state = new StateWriter({ client: aws.dynamodb, table: TABLES.current, log });

async function idsAfter(channel: string, days: number): Promise<string[]> {
  const { entries } = await current.after(channel, 0, 10, NOW + days * DAY);
  return entries.map(({ update }) => update.id);
}

it('one that names an end is there until then, one that names none for a month; none replaces another', async () => {
  const channel = unique('group/g');
  const [news, other] = [message('recall', null), message('recall', null)];
  const [short, long] = [message('recall', NOW + DAY), message('recall', NOW + 90 * DAY)];
  for (const [index, update] of [news, other, short, long].entries())
    await record(state, update, { [channel]: index + 1 }, NOW);
  expect(await idsAfter(channel, 0.5)).toEqual([news.id, other.id, short.id, long.id]);
  expect(await idsAfter(channel, 29)).toEqual([news.id, other.id, long.id]);
  expect(await idsAfter(channel, 60)).toEqual([long.id]);
  expect(await idsAfter(channel, 92)).toEqual([]);
});
