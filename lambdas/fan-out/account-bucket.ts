/**
 * The turns of everything that posts in this account, in one item of the `updates` table (update-items.ts has its key):
 * `t` is when the next turn is due (ms).
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import { required } from '../aws/environment.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { keyOf, PACE } from '../updates/update-items.ts';
import type { TurnBucket } from './pacer.ts';

export function accountBucketFromEnvironment(): AccountBucket {
  return new AccountBucket({ client: new DynamoDBClient({}), table: required(Environment.updatesTable) });
}

export class AccountBucket implements TurnBucket {
  readonly #table: Table;
  /** Until when turns were taken at the last draw: tells which of two writes will do. */
  #end = 0;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
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
    const changed = await this.#table.change(keyOf(PACE, 0), {
      expression: 'SET t = t + :length',
      condition: 't > :from AND t < :horizon',
      values: { ':length': decimal(lengthMs), ':from': decimal(from), ':horizon': horizonOf(from) },
    });
    return changed && Number(changed.t?.N) - lengthMs;
  }

  async #alone(lengthMs: number, from: number): Promise<number | undefined> {
    const isFree = await this.#table.update(keyOf(PACE, 0), {
      expression: 'SET t = :end',
      condition: 'attribute_not_exists(t) OR t <= :from OR t >= :horizon',
      values: { ':end': decimal(from + lengthMs), ':from': decimal(from), ':horizon': horizonOf(from) },
    });
    return isFree ? from : undefined;
  }
}

/** Nobody waits so long for his turn: what lies behind is of a worker whose clock was wrong, and would stop all others. */
const HORIZON_MS = 15 * 60_000;

function horizonOf(from: number): { N: string } {
  return decimal(from + HORIZON_MS);
}

/** To the microsecond. */
function decimal(ms: number): { N: string } {
  return { N: ms.toFixed(3) };
}
