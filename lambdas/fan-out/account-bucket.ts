/** The turns of everything that posts in this account: one item of the `updates` table says when the next is due. */
import { Environment } from '../../domain/names.ts';
import { type Codec, number } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { ItemSchema } from '../aws/item-schema.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { UPDATES, updatesKey } from '../updates/update-items.ts';
import type { TurnBucket } from './turn-bucket.ts';

/** Milliseconds since the epoch, to the microsecond. */
const precise: Codec<number> = { ...number, encode: ms => ({ N: ms.toFixed(3) }) };
const pace = new ItemSchema(UPDATES, updatesKey, { nextTurnAt: precise });
/** No channel has this name. */
const PACE = { channel: 'pace', position: 0 };
/**
 * No worker waits so long for its turn: what lies behind comes from a clock that is wrong, and would stop all others.
 */
const HORIZON_MS = 15 * 60_000;

export function accountBucketFromEnvironment(): AccountBucket {
  return new AccountBucket({ client: dynamoDb(), table: required(Environment.updatesTable) });
}

export class AccountBucket implements TurnBucket {
  readonly #table: Table<typeof pace>;
  /** Until when turns were taken at the last draw: decides which of the two writes is tried first. */
  #end = 0;

  constructor(options: TableOptions) {
    this.#table = new Table(options, pace);
  }

  async reserve(turns: number, intervalMs: number, from: number): Promise<number> {
    const lengthMs = turns * intervalMs;
    for (let isBehind = this.#end > from; ; isBehind = !isBehind) {
      const first = isBehind ? await this.#behindOthers(lengthMs, from) : await this.#alone(lengthMs, from);
      if (first === undefined) continue;
      this.#end = first + lengthMs;
      return first;
    }
  }

  async #behindOthers(lengthMs: number, from: number): Promise<number | undefined> {
    const { nextTurnAt } = pace.attributes;
    const [earliest, horizon] = [nextTurnAt.value(from), nextTurnAt.value(from + HORIZON_MS)];
    const changed = await this.#table.change(
      PACE,
      expression`SET ${nextTurnAt} = ${nextTurnAt} + ${nextTurnAt.value(lengthMs)}`,
      expression`${nextTurnAt} > ${earliest} AND ${nextTurnAt} < ${horizon}`,
    );
    return changed && nextTurnAt.of(changed) - lengthMs;
  }

  async #alone(lengthMs: number, from: number): Promise<number | undefined> {
    const { nextTurnAt } = pace.attributes;
    const [earliest, horizon] = [nextTurnAt.value(from), nextTurnAt.value(from + HORIZON_MS)];
    const isFree = await this.#table.update(
      PACE,
      expression`SET ${nextTurnAt.is(from + lengthMs)}`,
      expression`${pace.isNew} OR ${nextTurnAt} <= ${earliest} OR ${nextTurnAt} >= ${horizon}`,
    );
    return isFree ? from : undefined;
  }
}
