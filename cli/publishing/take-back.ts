/** Takes price updates back at every store that they reached. */
import { operations, type PublishedUpdate } from '../../domain/protocol/http-api.ts';
import type { Audience } from '../../domain/updates/channels.ts';
import type { ApiClient } from '../api-client.ts';
import { CommandError } from '../errors.ts';
import { loadTarget } from '../target.ts';
import { type Publishing, publishAll } from './publish-events.ts';

const POLL_MS = 200;
/** One that was published a moment ago may not be known yet. */
const MOST_POLLS = 15;

/** @throws CommandError if one is not known, or is not of prices */
export async function takeBack(updates: readonly string[], flags: Publishing): Promise<void> {
  const { api } = loadTarget(flags.outputs);
  const found = await Promise.all(updates.map(id => findPrices(api, id)));
  const contents = [{ updates, ...audienceOf(found) }];
  await publishAll({ type: 'PriceWithdrawn', contents, Refusal: CommandError }, flags);
}

async function findPrices(api: ApiClient, id: string): Promise<PublishedUpdate> {
  for (let polls = 1; ; polls += 1) {
    try {
      const update = await api.call(operations.getUpdate, { parameters: { id } });
      if (update.kind === 'price.changed') return update;
    } catch (error) {
      if (!(error instanceof CommandError) || polls >= MOST_POLLS) throw error;
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
      continue;
    }
    throw new CommandError(`${id} has no prices that could be taken back`);
  }
}

/** The chain finds it by itself; it is named for the note that says whom this reaches. */
function audienceOf(updates: readonly PublishedUpdate[]): { audience?: Audience } {
  const audiences = updates.flatMap(({ audience }) => audience ?? []);
  if (audiences.length < updates.length) return {};
  const all = (kind: keyof Audience) => [...new Set(audiences.flatMap(audience => audience[kind]))].sort();
  return { audience: { regions: all('regions'), groups: all('groups'), stores: all('stores') } };
}
