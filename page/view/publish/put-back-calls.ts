/** What was published a moment ago is taken back once the chain has it in its log, which is after it was answered. */
import { type Operation, operations } from '../../../domain/protocol/http-api.ts';
import { type Api, ApiError } from '../../api.ts';

const POLL_MS = 250;
/** A busy broadcast takes seconds. */
const MOST_POLLS = 40;

/** @throws ApiError and the others of `Api.call`; 404 if the chain never hears of one */
export async function untilKnown(api: Api, updateIds: readonly string[]): Promise<void> {
  for (const id of updateIds) await known(api, operations.getUpdate, id);
}

/** Of a rollout: its waves stop, and those that have begun are withdrawn. @throws as `untilKnown` */
export async function takeBackWaves(api: Api, rolloutIds: readonly string[]): Promise<void> {
  for (const id of rolloutIds) await known(api, operations.rollBackRollout, id);
}

async function known(api: Api, operation: Operation<unknown>, id: string): Promise<void> {
  for (let polls = 1; ; polls += 1) {
    try {
      await api.call(operation, { parameters: { id } });
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404 || polls === MOST_POLLS) throw error;
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
