/** Updates that go out in waves: how far they are, and what a publisher may do with them. */
import type { Page } from '../../../domain/protocol/http-api.ts';
import type { Rollout as RolloutView } from '../../../domain/protocol/staging-answers.ts';
import { log } from '../../aws/log.ts';
import { sumDeliveries } from '../../receipts/delivery-sum.ts';
import type { FleetSources } from '../../receipts/fleet-parts.ts';
import type { Rollout } from '../../rollouts/rollout-items.ts';
import { acted, type RolloutAction, WrongStateError } from '../../rollouts/rollout-steps.ts';
import type { RolloutTable } from '../../rollouts/rollout-table.ts';
import { begunUpdates, viewOf } from '../../rollouts/rollout-view.ts';
import type { ApiRequest } from '../api-request.ts';
import { HttpProblem } from '../http-answer.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../paging.ts';

interface RolloutSources extends FleetSources {
  rollouts: RolloutTable;
}

/** Somebody decides at the same moment; so often it is tried again. */
const MOST_ATTEMPTS = 5;

/** `GET /rollouts`: newest first; those that have come to an end with the figures of their last decision. */
export async function listRollouts(
  { now, query }: ApiRequest,
  sources: RolloutSources,
): Promise<Page<RolloutView>> {
  const limit = pageLimit(query);
  const all = await sources.rollouts.all(now);
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const start = after === undefined ? 0 : all.findIndex(({ rolloutId }) => rolloutId === after) + 1;
  if (after !== undefined && start === 0) throw new HttpProblem(400, 'the cursor is not one of this list');
  const page = all.slice(start, start + limit);
  const last = start + limit < all.length ? page.at(-1) : undefined;
  const items = await viewsOf(page, sources, now, ({ open }) => open !== undefined);
  return { items, ...(last === undefined ? {} : { cursor: encodeCursor(last.rolloutId) }) };
}

/** `GET /rollouts/{id}` */
export async function getRollout(
  { now, parameters }: ApiRequest,
  sources: RolloutSources,
): Promise<RolloutView> {
  return viewNow(await find(parameters, sources), sources, now);
}

/** `POST /rollouts/{id}/ACTION`; what was done already is answered as done. */
export function actOn(action: RolloutAction) {
  return async ({ now, parameters }: ApiRequest, sources: RolloutSources): Promise<RolloutView> => {
    for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts += 1) {
      const rollout = await find(parameters, sources);
      const next = actedOn(rollout, action, now);
      if (next !== rollout && !(await sources.rollouts.decide(rollout, next, now))) continue;
      log.info('rollout acted on', { rolloutId: rollout.rolloutId, action });
      return viewNow(next, sources, now);
    }
    throw new HttpProblem(409, 'others decide about this rollout at the same time; it can be sent again');
  };
}

/** @throws HttpProblem 409 */
function actedOn(rollout: Rollout, action: RolloutAction, now: number): Rollout {
  try {
    return acted(rollout, action, now);
  } catch (error) {
    if (error instanceof WrongStateError) throw new HttpProblem(409, error.message);
    throw error;
  }
}

async function find({ id = '' }: ApiRequest['parameters'], { rollouts }: RolloutSources): Promise<Rollout> {
  const found = await rollouts.find(id);
  if (found === undefined) throw new HttpProblem(404, `no update ${id} goes out in waves`);
  return found;
}

async function viewNow(rollout: Rollout, sources: RolloutSources, now: number): Promise<RolloutView> {
  const [view] = await viewsOf([rollout], sources, now, () => true);
  return view ?? viewOf(rollout);
}

/** @param isCounted whether the figures of a rollout are counted now */
async function viewsOf(
  some: readonly Rollout[],
  sources: RolloutSources,
  now: number,
  isCounted: (rollout: Rollout) => boolean,
): Promise<RolloutView[]> {
  const counted = await Promise.all(
    some
      .filter(rollout => isCounted(rollout) && rollout.wave > 0)
      .map(async rollout => ({ rollout, content: await sources.rollouts.content(rollout.rolloutId) })),
  );
  const updates = counted.flatMap(({ content, rollout }) => begunUpdates(rollout, content));
  const sums = await sumDeliveries(updates, sources, now);
  const contents = new Map(counted.map(({ content, rollout }) => [rollout.rolloutId, content]));
  return some.map(rollout => {
    const content = contents.get(rollout.rolloutId);
    return viewOf(rollout, content && { content, sums });
  });
}
