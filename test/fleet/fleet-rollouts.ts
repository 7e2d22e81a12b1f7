/** Rollouts in the life of a fleet: to whom they go wave by wave, what head office does with them, and where they must end. */

import { describeLetter } from '../../cli/dead-letters/dead-letter.ts';
import { LetterQueue } from '../../cli/dead-letters/letter-queue.ts';
import { redrive } from '../../cli/dead-letters/redrive.ts';
import { Target } from '../../cli/target.ts';
import type { FleetCloud, Published } from './fleet-cloud.ts';
import type { Random } from './random.ts';

const ACTIONS = ['pause', 'resume', 'resume', 'advance', 'advance', 'rollback'];
/** Nothing happens to it any more by itself. */
const AT_REST = ['paused', 'halted', 'finished', 'rolledBack'];

interface Rollout {
  rolloutId: string;
  state: string;
  waves: { updateIds: string[]; since: string | null }[];
}

export class FleetRollouts {
  readonly #random: Random;
  readonly #cloud: FleetCloud;
  readonly #ids: string[] = [];

  /** @param random of its own: what else happens in a run doesn't depend on what is drawn here */
  constructor(random: Random, cloud: FleetCloud) {
    this.#random = random;
    this.#cloud = cloud;
  }

  has(id: string): boolean {
    return this.#ids.includes(id);
  }

  /** What an update is published with that goes out in waves; some do. */
  plan(id: string, type: string, groups: readonly string[]): object {
    const random = this.#random;
    if (!['PriceChanged', 'OfferPublished'].includes(type) || !random.chance(0.3)) return {};
    this.#ids.push(id);
    const first = random.pick([{ stores: random.between(1, 4) }, { groups: [random.pick(groups)] }]);
    const waves = [first, ...(random.chance(0.5) ? [{ percent: random.between(30, 90) }] : [])];
    return {
      rollout: {
        waves: [...waves, { percent: 100 }],
        soakMinutes: random.pick([0, 0, 1]),
        minAppliedPercent: random.pick([0, 50, 95]),
        maxRejectedPercent: random.pick([1, 100]),
      },
    };
  }

  /** @returns what was done, if anything was */
  async act(): Promise<string | undefined> {
    const random = this.#random;
    if (!random.chance(0.12) || this.#ids.length === 0) return undefined;
    const id = random.pick(this.#ids.slice(-3));
    const action = random.pick(ACTIONS);
    // It may not be entered yet, or be in a state in which that can't be done.
    const status = await this.#cloud.post(`rollouts/${id}/${action}`);
    return `rollout ${id} ${action} ${status}`;
  }

  /** Those that are not entered yet, and updates of waves that the bus has and the log lacks. */
  async outstanding(updates: ReadonlySet<string>, isOver: (id: string) => boolean): Promise<string[]> {
    const found = await Promise.all(this.#ids.map(id => this.#find(id)));
    return found.flatMap((rollout, index) => {
      const id = this.#ids[index] ?? '';
      if (isOver(id)) return [];
      if (rollout === undefined) return [id];
      if (rollout.state === 'rollingBack') return [`${id} rolling back`];
      if (rollout.state === 'rolledBack') return [];
      const begun = rollout.waves.filter(({ since }) => since !== null);
      return begun.flatMap(({ updateIds }) => updateIds).filter(updateId => !updates.has(updateId));
    });
  }

  async areAtRest(isOver: (id: string) => boolean): Promise<boolean> {
    const found = await Promise.all(this.#ids.map(id => this.#find(id)));
    return found.every(
      (rollout, index) =>
        (rollout === undefined && isOver(this.#ids[index] ?? '')) || AT_REST.includes(rollout?.state ?? ''),
    );
  }

  /** What is withdrawn is of rollouts that are rolled back, all of it; of a finished one the last wave is out. */
  async problems(updates: readonly Published[]): Promise<string[]> {
    const known = new Map(updates.map(update => [update.updateId, update]));
    const withdrawn = new Set(
      updates.flatMap(({ data, kind }) => (kind === 'price.withdrawn' ? (data.updates as string[]) : [])),
    );
    const found = await Promise.all(this.#ids.map(id => this.#find(id)));
    return found.flatMap(rollout => {
      if (rollout === undefined) return [];
      const { rolloutId, state, waves } = rollout;
      const ids = waves.flatMap(({ updateIds }) => updateIds).filter(id => known.has(id));
      const prices = ids.filter(id => known.get(id)?.kind === 'price.changed');
      const isOut = waves.at(-1)?.updateIds.every(id => known.has(id)) ?? false;
      return [
        ...(state === 'rolledBack' && !prices.every(id => withdrawn.has(id))
          ? [`${rolloutId} is rolled back, and some of ${prices} is not withdrawn`]
          : []),
        ...(state !== 'rolledBack' && prices.some(id => withdrawn.has(id))
          ? [`${rolloutId} is ${state}, and some of ${prices} is withdrawn`]
          : []),
        ...(state === 'finished' && !isOut && prices.length > 0
          ? [`${rolloutId} is finished, but for its last wave`]
          : []),
      ];
    });
  }

  /** What Lambda gave up after its retries, as `dead-letters --redrive` puts it again. */
  async redrive(): Promise<string[]> {
    const { system } = this.#cloud;
    const { DeadLetterQueueUrl = '' } = system.outputs;
    const queue = new LetterQueue(system.clients.queues, DeadLetterQueueUrl);
    const { messages } = await queue.readAll();
    const target = new Target(system.outputs);
    const sent: string[] = [];
    for (const message of messages) {
      const letter = describeLetter(message, DeadLetterQueueUrl);
      const { outcome } = await redrive(target, queue, message, letter);
      if (outcome === 'sent') sent.push(letter.body.slice(0, 200));
    }
    return sent;
  }

  #find(id: string): Promise<Rollout | undefined> {
    return this.#cloud.get<Rollout>(`rollouts/${id}`);
  }
}
