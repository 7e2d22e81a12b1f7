/**
 * Brings an update into the current state, after its posts: one invocation at a time, from its last checkpoint on. What is
 * more than its time suffices for it gives to a further invocation of the same function, as a fan-out does with its
 * shares (docs/decisions/012-shares.md): it notes where it ends before it invokes the next one.
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { Environment } from '../../domain/names.ts';
import type { Positions, Update } from '../../domain/updates/update.ts';
import { clientOf } from '../aws/client-of.ts';
import { expiry } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { invokeItself } from '../aws/invoke-itself.ts';
import { ItemSchema } from '../aws/item-schema.ts';
import { beginWork, type Lease, leased } from '../aws/lease.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import type { StateWriter } from './state-writer.ts';
import { UPDATES, updatesKey } from './update-items.ts';

/** What one invocation leaves to another, as the payload of an asynchronous invocation. */
export interface StateRest {
  updateId: string;
  /** The writes that are done. */
  done: number;
  /** The number of invocations before this one, each invoked by the one before. */
  depth: number;
}

/** An invocation, and until when it may write. */
export interface Attempt {
  /** Its request id. */
  holder: string;
  /** Milliseconds since the epoch. */
  deadline: number;
}

export interface StateWorkOptions extends TableOptions {
  writer: StateWriter;
  lambda: Pick<LambdaClient, 'send'>;
  /** The function that takes the rest. */
  functionName: string;
}

/** A passing fault: Lambda's retry, a minute later, finds it done or takes over. */
export class StateHeldError extends Error {
  override readonly name = 'StateHeldError';
  constructor(updateId: string) {
    super(`another invocation is bringing update ${updateId} into the current state`);
  }
}

const stateItem = new ItemSchema(UPDATES, updatesKey, { expiresAt: expiry, ...leased });
/** Long after Lambda's last retry. */
const KEPT_MS = 86_400_000;
const RENEW_MS = 1_000;
/**
 * Lambda stops a function that has invoked itself some sixteen times in a row; the last one throws instead, and Lambda
 * retries it twice.
 */
const MOST_DEPTH = 10;
const WRITES = 'writes';

export function stateWorkFromEnvironment(writer: StateWriter): StateWork {
  return new StateWork({
    client: dynamoDb(),
    table: required(Environment.updatesTable),
    writer,
    lambda: clientOf(LambdaClient),
    functionName: required('AWS_LAMBDA_FUNCTION_NAME'),
  });
}

export class StateWork {
  readonly #table: Table<typeof stateItem>;
  readonly #options: StateWorkOptions;

  constructor(options: StateWorkOptions) {
    this.#table = new Table(options, stateItem);
    this.#options = options;
  }

  /**
   * Does nothing where it is done.
   *
   * @param rest what an earlier invocation has left @default all of it
   * @throws StateHeldError if another invocation is at it; LeaseLostError if another has taken over; Error if even the last has
   *   no time left
   */
  async run(
    { positions, update }: { update: Update; positions: Positions },
    { deadline, holder }: Attempt,
    rest: StateRest = { updateId: update.id, done: 0, depth: 0 },
  ): Promise<void> {
    const now = Date.now();
    const key = { channel: `state/${update.id}`, position: rest.depth };
    const beginning = await beginWork(this.#table, key, { ...key, expiresAt: now + KEPT_MS }, holder, now);
    // The other one may have died on it: whoever took it for done would let nobody finish it.
    if (beginning.status === 'held') throw new StateHeldError(update.id);
    if (beginning.status === 'done') return;
    const { lease } = beginning;
    // An earlier attempt has given the rest away, or died doing so.
    const left = lease.extent.end?.[WRITES] ?? (await this.#write(update, positions, lease, deadline, rest));
    const { functionName, lambda } = this.#options;
    if (left !== undefined)
      await invokeItself(
        lambda,
        { state: { ...rest, done: Number(left), depth: rest.depth + 1 } satisfies StateRest },
        functionName,
      );
    await lease.finish();
  }

  /** @returns how many writes are done where the time has run out; undefined where all are */
  async #write(
    update: Update,
    positions: Positions,
    lease: Lease,
    deadline: number,
    rest: StateRest,
  ): Promise<string | undefined> {
    let renewedAt = Date.now();
    const from = Number(lease.extent.checkpoint?.[WRITES] ?? rest.done);
    for await (const done of this.#options.writer.record(update, positions, renewedAt, from)) {
      const now = Date.now();
      const reached = { [WRITES]: String(done) };
      if (now >= deadline) {
        await lease.renew(reached, now);
        if (rest.depth >= MOST_DEPTH)
          throw new Error(`no time is left to bring update ${update.id} into the current state`);
        await lease.cut(reached);
        return String(done);
      }
      if (now >= renewedAt + RENEW_MS) {
        await lease.renew(reached, now);
        renewedAt = now;
      }
    }
    return undefined;
  }
}
