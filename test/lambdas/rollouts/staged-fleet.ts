/** A chain whose updates go out in waves: a bus that hands events on, stores that answer, and a clock. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeEvent } from 'aws-lambda';
import type { RolloutPlan } from '../../../domain/updates/rollout-plan.ts';
import { handler as broadcast } from '../../../lambdas/broadcast.ts';
import { receiptsFromEnvironment, receiptTablesFromEnvironment } from '../../../lambdas/receipts/receipts.ts';
import { connectionsFromEnvironment } from '../../../lambdas/registry/connections.ts';
import { Roster } from '../../../lambdas/registry/roster.ts';
import type { Rollout } from '../../../lambdas/rollouts/rollout-items.ts';
import { acted, type RolloutAction } from '../../../lambdas/rollouts/rollout-steps.ts';
import { RolloutTable } from '../../../lambdas/rollouts/rollout-table.ts';
import { RolloutWork } from '../../../lambdas/rollouts/rollout-work.ts';
import { updateIdsFromEnvironment } from '../../../lambdas/updates/update-ids.ts';
import { updateLogFromEnvironment } from '../../../lambdas/updates/update-log.ts';
import { type Aws, TABLES } from '../aws.ts';
import { contextWith } from '../events.ts';
import { eventOf } from '../fan-out/published.ts';
import { unique } from '../updates.ts';

const MINUTE = 60_000;

/** What a store says of an update that it got. */
export type Says = 'applied' | 'rejected' | 'nothing';

export class StagedFleet {
  readonly region = unique('r');
  readonly to = { audience: { regions: [this.region] } };
  readonly storeIds: string[] = [];
  readonly #aws: Aws;
  readonly #startedAt = Date.now();
  readonly #connections = connectionsFromEnvironment();
  readonly #inbox = receiptTablesFromEnvironment().inbox;
  #now = this.#startedAt;
  #answered = 0;
  says: (storeId: string) => Says = () => 'applied';

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  get now(): number {
    return this.#now;
  }

  pass(minutes: number): void {
    this.#now += minutes * MINUTE;
  }

  /** Stores of the region, seen a while ago. */
  async join(count: number, { isConnected = true, groups = [] as string[] } = {}): Promise<string[]> {
    const roster = new Roster({ client: this.#aws.dynamodb, table: TABLES.stores });
    const ids = Array.from({ length: count }, () => unique(`s${this.region}-`));
    for (const storeId of ids) {
      const identity = { role: 'store' as const, storeId, region: this.region, groups };
      await roster.heard(identity, this.#startedAt - 60 * MINUTE);
      const line = { identity, connectionId: `c-${storeId}`, connectedAt: Date.now() - MINUTE };
      if (isConnected) await this.#connections.register(line, Date.now() + 24 * 60 * MINUTE);
    }
    this.storeIds.push(...ids);
    return ids;
  }

  /** Its line closes. */
  async drop(storeId: string): Promise<void> {
    const identity = { role: 'store' as const, storeId, region: this.region, groups: [] };
    const line = { identity, connectionId: `c-${storeId}`, connectedAt: Date.now() };
    if (!(await this.#connections.deregister(line))) throw new Error(`${storeId} has no line`);
    await new Roster({ client: this.#aws.dynamodb, table: TABLES.stores }).wentOff(storeId, this.#now);
  }

  rollouts(client: DynamoDBClient = this.#aws.dynamodb): RolloutTable {
    return new RolloutTable({ client, table: TABLES.staged });
  }

  work(client: DynamoDBClient = this.#aws.dynamodb): RolloutWork {
    return new RolloutWork({
      bus: { put: async (type, detail) => this.#put(type, detail) },
      connections: this.#connections,
      ids: updateIdsFromEnvironment(),
      log: updateLogFromEnvironment(),
      receipts: receiptsFromEnvironment(),
      rollouts: this.rollouts(client),
      pause: async () => undefined,
      roster: new Roster({ client: this.#aws.dynamodb, table: TABLES.stores }),
    });
  }

  /** What the bus was given and nobody has handled. */
  readonly onBus: EventBridgeEvent<string, unknown>[] = [];

  #put(type: string, detail: object): void {
    this.onBus.push(eventOf(type, JSON.parse(JSON.stringify(detail)), unique('e')));
  }

  async publish(detail: object, rollout: object, type = 'PriceChanged'): Promise<string> {
    const updateId = unique('rollout');
    await broadcast(eventOf(type, { updateId, ...this.to, ...detail, rollout }), contextWith(MINUTE));
    return updateId;
  }

  /** A run of the schedule, and what follows from it: broadcasts, and receipts of whoever was posted to. */
  async run(rolloutId: string): Promise<Rollout> {
    await this.work().run(rolloutId, true, this.#now);
    await this.deliver();
    return this.of(rolloutId);
  }

  async deliver(): Promise<void> {
    for (const event of this.onBus.splice(0)) await broadcast(event, contextWith(MINUTE));
    const posts = this.#aws.posts.slice(this.#answered);
    this.#answered = this.#aws.posts.length;
    for (const { connectionId, frame } of posts) {
      const storeId = connectionId.slice('c-'.length);
      const outcome = this.says(storeId);
      if (outcome !== 'nothing')
        await this.#inbox.put(storeId, [{ updateId: String(frame.id), outcome, at: this.#now }], Date.now());
    }
  }

  async of(rolloutId: string): Promise<Rollout> {
    const found = await this.rollouts().find(rolloutId);
    if (found === undefined) throw new Error(`there is no rollout ${rolloutId}`);
    return found;
  }

  async act(rolloutId: string, action: RolloutAction): Promise<Rollout> {
    const rollout = await this.of(rolloutId);
    await this.rollouts().decide(rollout, acted(rollout, action, this.#now), this.#now);
    await this.work().run(rolloutId, false, this.#now);
    await this.deliver();
    return this.of(rolloutId);
  }

  /** Stores that an update was posted to. */
  postedTo(updateId: string): string[] {
    return this.#aws.posts
      .filter(({ frame }) => frame.id === updateId)
      .map(({ connectionId }) => connectionId.slice('c-'.length))
      .sort();
  }
}

export type { RolloutPlan };
