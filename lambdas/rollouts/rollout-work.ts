/**
 * What rollouts do by themselves: plan their waves, begin them, put them on the bus, judge them, and take them back.
 *
 * Each step is decided by a conditional write and done again until a next write says that it is done. What is done twice
 * comes to the same: whoever died in between, or did it side by side, has put the same events, whose ids the broadcast
 * knows. So a wave begins once, and no decision rests on anything but the item.
 */
import { setTimeout as inRealTime } from 'node:timers/promises';
import { isOver } from '../../domain/retail/validity.ts';
import { eventOf } from '../../domain/updates/event-of-update.ts';
import { judgeWave } from '../../domain/updates/rollout-judgement.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { AdmittedBus, NamedDetail } from '../publishing/admitted-bus.ts';
import type { Fleet } from '../receipts/delivery-report.ts';
import type { Receipts } from '../receipts/receipts.ts';
import { wholeOf } from '../receipts/whole-delivery.ts';
import type { Connections } from '../registry/connections.ts';
import type { Roster } from '../registry/roster.ts';
import type { ListedStore } from '../registry/roster-list.ts';
import { contentDigest, digestOf, type UpdateIds } from '../updates/update-ids.ts';
import type { UpdateLog } from '../updates/update-log.ts';
import type { Rollout } from './rollout-items.ts';
import { halted, rolledBack, stuck, wentOn } from './rollout-steps.ts';
import type { RolloutTable } from './rollout-table.ts';
import { publishWithdrawal, withdrawalsOf } from './rollout-withdrawal.ts';
import { waveFigures } from './wave-figures.ts';
import { audienceStores, chooseStores, plannedWaves, waveUpdates } from './wave-plan.ts';

export interface RolloutSources {
  bus: Pick<AdmittedBus, 'put'>;
  connections: Connections;
  ids: UpdateIds;
  log: Pick<UpdateLog, 'find'>;
  receipts: Receipts;
  rollouts: RolloutTable;
  roster: Roster;
  /** Between two looks at whether a withdrawal is published. @default real time */
  pause?: (ms: number) => Promise<void>;
}

/** A decision, as it was written. */
export interface Decision {
  before: Rollout;
  after: Rollout;
}

/** More than one run can have to take: a rollout that goes in circles must not do so for ever. */
const MOST_STEPS = 20;
/** Looks at withdrawals that the bus has just taken: most are published by then. */
const LOOKS = 16;
const LOOK_AGAIN_MS = 500;
/** The bus and its retries are through with an event by then. */
const STUCK_MS = 10 * 60_000;
/** Stands for an update that is not to be published any more. */
const NEVER = digestOf('withdrawn before it was published');

export class RolloutWork {
  readonly #sources: RolloutSources;

  constructor(sources: RolloutSources) {
    this.#sources = sources;
  }

  /**
   * Does what a rollout has to do at this moment.
   *
   * @param mayJudge whether the figures of its wave are read, which are of every store
   * @param now milliseconds since the epoch
   * @returns what it has decided
   */
  async run(rolloutId: string, mayJudge: boolean, now: number): Promise<Decision[]> {
    const { rollouts } = this.#sources;
    const decisions: Decision[] = [];
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const before = await rollouts.find(rolloutId);
      const after = before && (await this.#step(before, mayJudge, now));
      if (before === undefined || after === undefined) return decisions;
      // Whoever was first has decided; what is to be done then is seen from the item as it is now.
      if (await rollouts.decide(before, after, now)) decisions.push({ before, after });
    }
    return decisions;
  }

  async #step(rollout: Rollout, mayJudge: boolean, now: number): Promise<Rollout | undefined> {
    const { state, wave, waves, wavesPut } = rollout;
    if (state === 'rolledBack') return undefined;
    if (state === 'rollingBack') return this.#withdraw(rollout, now);
    if (state === 'running' && waves.length === 0) return this.#plan(rollout, now);
    if (wavesPut < wave) return this.#put(rollout, now);
    return state === 'running' && mayJudge ? this.#judge(rollout, now) : undefined;
  }

  async #plan(rollout: Rollout, now: number): Promise<Rollout> {
    const { rollouts } = this.#sources;
    const content = await rollouts.content(rollout.rolloutId);
    const fleet = await this.#fleet(now);
    const audience = audienceStores(content.update, fleet, now);
    const own = chooseStores(content.update, rollout.plan, audience, fleet);
    const chosen = content.stores ?? (await rollouts.choose(rollout.rolloutId, own));
    return wentOn({ ...rollout, waves: plannedWaves(content, chosen, audience.length) }, now);
  }

  /** Puts on the bus whatever has begun and may not be there yet. */
  async #put(rollout: Rollout, now: number): Promise<Rollout> {
    const { bus, rollouts } = this.#sources;
    const content = await rollouts.content(rollout.rolloutId);
    for (let number = rollout.wavesPut + 1; number <= rollout.wave; number += 1)
      for (const update of waveUpdates(content, number)) {
        const { detail, type } = eventOf(update);
        await bus.put(type, detail, now);
      }
    return { ...rollout, wavesPut: rollout.wave };
  }

  async #judge(rollout: Rollout, now: number): Promise<Rollout | undefined> {
    const { rollouts } = this.#sources;
    const { plan, rolloutId, wave: number, waves } = rollout;
    const wave = waves[number - 1];
    if (wave?.beganAt === undefined) return undefined;
    const content = await rollouts.content(rolloutId);
    if (isOver(content.update, now)) return halted(rollout, 'the time of the update is over', now);
    const figures = await waveFigures(waveUpdates(content, number), wave.beganAt, this.#sources, now);
    const judgement = judgeWave(number, plan, figures, now - (wave.soakedFrom ?? wave.beganAt));
    if (judgement.verdict === 'wait') return undefined;
    if (judgement.verdict === 'halt') return halted(rollout, judgement.reason, now, figures);
    return wentOn(rollout, now, figures);
  }

  /** A withdrawal follows what it withdraws, so what is on its way is waited for, and what is not is kept from coming. */
  async #withdraw(rollout: Rollout, now: number): Promise<Rollout | undefined> {
    const { bus, rollouts } = this.#sources;
    const { rolloutId, wave, withdrawals, withdrawalsPut } = rollout;
    if (wave === 0) return rolledBack(rollout, now);
    const content = await rollouts.content(rolloutId);
    const updates = Array.from({ length: wave }, (_, index) => waveUpdates(content, index + 1)).flat();
    if (withdrawalsPut < withdrawals.length) {
      const put = (type: string, detail: NamedDetail) => bus.put(type, detail, now);
      for (const withdrawal of withdrawals.slice(withdrawalsPut)) {
        const of = updates.find(({ id }) => id === withdrawal.updateIds[0]) ?? content.update;
        await publishWithdrawal(withdrawal, of, rollout.since, put);
      }
      return { ...rollout, withdrawalsPut: withdrawals.length };
    }
    const named = new Set(withdrawals.flatMap(({ updateIds }) => updateIds));
    const left = updates.filter(({ id }) => !named.has(id));
    const whereabouts = await Promise.all(left.map(update => this.#whereIs(update, now)));
    const published = left.filter((_, index) => whereabouts[index] === 'published');
    if (published.length > 0)
      return {
        ...rollout,
        withdrawals: [...withdrawals, ...withdrawalsOf(rolloutId, published, withdrawals.length + 1)],
      };
    return whereabouts.includes('underway') ? undefined : this.#ended(rollout, now);
  }

  /** It is rolled back once its withdrawals are published with all of their parts, not before. */
  async #ended(rollout: Rollout, now: number): Promise<Rollout | undefined> {
    const { log, pause = inRealTime } = this.#sources;
    const { reason, since, withdrawals } = rollout;
    let missing = withdrawals.map(({ id }) => id);
    const looks = reason === undefined && now < since + LOOKS * LOOK_AGAIN_MS ? LOOKS : 1;
    for (let look = 1; ; look += 1) {
      const found = await Promise.all(missing.map(id => wholeOf(id, log)));
      missing = missing.filter((_, index) => found[index]?.isWhole !== true);
      if (missing.length === 0) return rolledBack(rollout, now);
      if (look === looks) break;
      await pause(LOOK_AGAIN_MS);
    }
    if (reason !== undefined || now < since + STUCK_MS) return undefined;
    return stuck(
      rollout,
      `the withdrawal ${missing.join(', ')} is not published: the dead letters may say why; roll back again to put it once more`,
    );
  }

  async #whereIs(update: Update, now: number): Promise<'published' | 'underway' | 'nowhere'> {
    const { ids, log } = this.#sources;
    const found = await log.find(update.id);
    // Somebody else's, of the same id: ours was refused.
    if (found !== undefined && contentDigest(found.update) !== contentDigest(update)) return 'nowhere';
    if (found?.positions !== undefined) return 'published';
    return (await ids.reserve(update.id, NEVER, now)) ? 'nowhere' : 'underway';
  }

  /** All of it: its stores are chosen among all. */
  async #fleet(now: number): Promise<Fleet> {
    const { connections, roster } = this.#sources;
    const stores: ListedStore[][] = [];
    for await (const page of roster.list.all()) stores.push(page);
    return { stores: stores.flat(), connected: await connections.connectedIn(now) };
  }
}
