/** Rollouts in the `staged` table. Their items are in rollout-items.ts. */
import { Environment, OPEN_ROLLOUTS_INDEX } from '../../domain/names.ts';
import type { RolloutPlan } from '../../domain/updates/rollout-plan.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { Item } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { isExpired, Table, type TableOptions } from '../aws/table.ts';
import {
  CONTENT,
  contentItem,
  isRollout,
  OPEN,
  ROLLOUT,
  type Rollout,
  type RolloutContent,
  rolloutItem,
} from './rollout-items.ts';

/** As long as receipts. */
const KEPT_MS = 90 * 86_400_000;

export function rolloutTableFromEnvironment(): RolloutTable {
  return new RolloutTable({ client: dynamoDb(), table: required(Environment.stagedTable) });
}

export class RolloutTable {
  readonly #rollouts: Table<typeof rolloutItem>;
  readonly #contents: Table<typeof contentItem>;

  constructor(options: TableOptions) {
    this.#rollouts = new Table(options, rolloutItem);
    this.#contents = new Table(options, contentItem);
  }

  /** Enters a rollout; a repetition changes nothing. The content first: a rollout without it could do nothing. */
  async create(update: Update & { rollout: RolloutPlan }, now: number): Promise<void> {
    const rolloutId = update.id;
    const expiresAt = now + KEPT_MS;
    await this.#contents.insert({ kind: CONTENT, rolloutId, update, expiresAt });
    await this.#rollouts.insert({
      kind: ROLLOUT,
      rolloutId,
      version: 0,
      state: 'running',
      since: now,
      createdAt: now,
      updateKind: update.kind,
      publishedAt: update.publishedAt,
      audience: update.audience,
      plan: update.rollout,
      wave: 0,
      waves: [],
      wavesPut: 0,
      withdrawals: [],
      withdrawalsPut: 0,
      open: OPEN,
      expiresAt,
    });
  }

  async find(rolloutId: string): Promise<Rollout | undefined> {
    return this.#rollouts.get({ kind: ROLLOUT, rolloutId });
  }

  /** @throws Error where there is none: it is entered before its rollout */
  async content(rolloutId: string): Promise<RolloutContent> {
    const found = await this.#contents.get({ kind: CONTENT, rolloutId });
    if (found === undefined) throw new Error(`the rollout ${rolloutId} has no content`);
    return found;
  }

  /** Chooses who gets which wave. @returns the stores that were chosen first, whoever chose them */
  async choose(rolloutId: string, chosen: string[][][]): Promise<string[][][]> {
    const { stores } = contentItem.attributes;
    const isFirst = await this.#contents.update(
      { kind: CONTENT, rolloutId },
      expression`SET ${stores.is(chosen)}`,
      expression`${contentItem.exists} AND attribute_not_exists(${stores})`,
    );
    return isFirst ? chosen : ((await this.content(rolloutId)).stores ?? chosen);
  }

  /** @returns false if somebody has decided meanwhile */
  async decide(known: Rollout, next: Rollout, now: number): Promise<boolean> {
    const { version } = rolloutItem.attributes;
    const record = {
      ...next,
      version: known.version + 1,
      open: isSettled(next) ? undefined : OPEN,
      expiresAt: now + KEPT_MS,
    };
    return (await this.#rollouts.put(record, version.is(known.version))) !== undefined;
  }

  /** Ids of those that may have something to be done. An index is a moment behind: the next run finds what this one doesn't. */
  async open(): Promise<string[]> {
    const { open, rolloutId } = rolloutItem.attributes;
    const ids: string[] = [];
    for await (const items of this.#rollouts.query({ index: OPEN_ROLLOUTS_INDEX, where: open.is(OPEN) }))
      ids.push(...items.map(item => rolloutId.of(item)));
    return ids;
  }

  /** All of them, the newest first. */
  async all(now: number): Promise<Rollout[]> {
    const found: Rollout[] = [];
    const pages = this.#rollouts.query({ where: rolloutItem.attributes.kind.is(ROLLOUT) });
    for await (const items of pages) found.push(...items.map(item => rolloutItem.decode(item)));
    const rollouts = found.filter(rollout => !isExpired(rollout, now));
    return rollouts.sort((a, b) => b.createdAt - a.createdAt || (a.rolloutId < b.rolloutId ? -1 : 1));
  }
}

/** The rollout whose item this key is; undefined for any other item. */
export function rolloutOfKey(item: Item): string | undefined {
  return isRollout(item) ? rolloutItem.attributes.rolloutId.of(item) : undefined;
}

/** Nothing is left to do, unless somebody takes it back. */
function isSettled({ state, wave, wavesPut }: Rollout): boolean {
  return state === 'rolledBack' || (state === 'finished' && wavesPut === wave);
}
