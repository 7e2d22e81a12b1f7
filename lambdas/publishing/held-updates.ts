/** Updates that wait for a second person, and what that person said: items of the `staged` table. */
import { Environment } from '../../domain/names.ts';
import type { Update } from '../../domain/updates/update.ts';
import { expiry, json, number, oneOf, text } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { ItemSchema, optional, type RecordOf, short } from '../aws/item-schema.ts';
import { isExpired, Table, type TableOptions } from '../aws/table.ts';

const heldUpdate = new ItemSchema(
  'staged',
  { kind: text, updateId: short('id', text) },
  {
    state: oneOf('waiting', 'approved', 'refused'),
    /** As it will be put on the bus. */
    type: text,
    detail: json<{ updateId: string }>(),
    /** As it was read when it came. */
    update: json<Update>(),
    reasons: json<string[]>(),
    /** Who published it, as a token names a person; `caller` tells apart persons of two issuers. */
    author: text,
    caller: text,
    askedAt: number,
    decidedBy: optional(text),
    decidedAt: optional(number),
    expiresAt: expiry,
  },
);
export type HeldUpdate = RecordOf<typeof heldUpdate>;

const HELD = 'held';
const KEPT_MS = 30 * 86_400_000;

export function heldUpdatesFromEnvironment(): HeldUpdates {
  return new HeldUpdates({ client: dynamoDb(), table: required(Environment.stagedTable) });
}

export class HeldUpdates {
  readonly #table: Table<typeof heldUpdate>;

  constructor(options: TableOptions) {
    this.#table = new Table(options, heldUpdate);
  }

  /** @returns false if it is held already */
  hold(
    held: Pick<HeldUpdate, 'updateId' | 'type' | 'detail' | 'update' | 'reasons' | 'author' | 'caller'>,
    now: number,
  ): Promise<boolean> {
    const expiresAt = now + KEPT_MS;
    return this.#table.insert({ ...held, kind: HELD, state: 'waiting', askedAt: now, expiresAt });
  }

  async find(updateId: string): Promise<HeldUpdate | undefined> {
    return this.#table.get({ kind: HELD, updateId });
  }

  /** @returns false if somebody has decided */
  decide(updateId: string, decision: 'approved' | 'refused', by: string, now: number): Promise<boolean> {
    const { decidedAt, decidedBy, state } = heldUpdate.attributes;
    return this.#table.update(
      { kind: HELD, updateId },
      expression`SET ${state.is(decision)}, ${decidedBy.is(by)}, ${decidedAt.is(now)}`,
      state.is('waiting'),
    );
  }

  /** Those that wait, the newest first. */
  async waiting(now: number): Promise<HeldUpdate[]> {
    const { kind, state } = heldUpdate.attributes;
    const found: HeldUpdate[] = [];
    for await (const items of this.#table.query({ where: kind.is(HELD), filter: state.is('waiting') }))
      found.push(...items.map(item => heldUpdate.decode(item)));
    return found.filter(held => !isExpired(held, now)).sort((a, b) => b.askedAt - a.askedAt);
  }
}
