/** A day in the life of a fleet on which everything goes wrong, and the reckoning after it. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { simulatedStore } from '../../cli/simulation/simulated-stores.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import { patience } from '../patience.ts';
import { audit, beyondRepair, openMatters, pendingReceipts, reportOf } from './audit.ts';
import { FAIR } from './bad-network.ts';
import { DeadLetterOffice } from './dead-letters.ts';
import { NO_FAULTS } from './faults.ts';
import { Marketing } from './marketing.ts';
import { type Memory, MortalCloud } from './mortal-cloud.ts';
import { type Episode, mergeFaults, planChaos } from './plan.ts';
import { Random } from './random.ts';
import { type Settlement, settle } from './settling.ts';
import { type Identity, Till } from './till.ts';

export interface ChaosOptions {
  /** What `cdk synth` wrote. */
  assembly: string;
  /** For all that is kept on disk; the caller's to remove. */
  directory: string;
  stores: number;
  seconds: number;
  seed: number;
  /** @default 7 */
  salesPerMinute?: number;
  /** @default 20 */
  updatesPerMinute?: number;
  /** @default 20 seconds */
  heartbeatMs?: number;
  /** How long everything may take to come after the faults are over, as long as it moves. @default 10 minutes */
  patienceMs?: number;
  /** What has not moved for so long is lost. @default 1 minute */
  stoppedAfterMs?: number;
  /** @default says nothing */
  say?: (line: string) => void;
}

export interface ChaosReport {
  /** How often, by kind. */
  injected: Record<string, number>;
  sales: number;
  updates: number;
  /** Stores that these updates went to, in sum. */
  deliveries: number;
  poisons: number;
  /** Of the cloud's last life. */
  memory: readonly Memory[];
  settledAfterMs: number;
  /** What was still on its way when patience ended; nothing is said of what hangs on it. */
  unsettled: string[];
  /** Empty is as it should be. */
  lost: string[];
}

const LATEST_SALE_MS = 4 * 3_600_000;
const CONNECTIONS_PER_SECOND = 200;
const SAMPLE_EVERY_MS = 5_000;
/** Lambda retries after a minute and after two more. In sum less than the five minutes that a command's token lives. */
const [JUMPS, JUMP_MS] = [4, 61_000];
const ROUNDS_A_JUMP = 6;
/** Share of the stores that may be off the line at a jump. */
const MOST_AWAY = 0.01;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const run = new ChaosRun(options);
  const steps = async () => {
    await run.open();
    await run.live();
    return await run.reckon();
  };
  try {
    return await Promise.race([steps(), run.failed]);
  } finally {
    await run.close();
  }
}

class ChaosRun {
  readonly #options: Required<ChaosOptions>;
  readonly #random: Random;
  readonly #cloud: MortalCloud;
  readonly #tills: Till[] = [];
  readonly #injected = new Map<string, number>();
  readonly #active = new Set<Episode>();
  readonly #underWay: Promise<unknown>[] = [];
  readonly #startedAt = Date.now();
  /** Rejects with what ends the run before its time: what is done beside its steps fails, or the cloud dies by itself. */
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #hasFailed = false;
  #marketing: Marketing | undefined;
  #isOver = false;

  constructor(options: ChaosOptions) {
    this.#options = {
      salesPerMinute: 7,
      updatesPerMinute: 20,
      heartbeatMs: 20_000,
      patienceMs: patience(600_000),
      stoppedAfterMs: patience(60_000),
      say: () => {},
      ...options,
    };
    const { assembly, directory, seed } = this.#options;
    this.#random = new Random(seed);
    this.#cloud = new MortalCloud({ assembly, data: join(directory, 'cloud'), seed });
    this.failed = new Promise((_, reject) => {
      this.#fail = error => {
        this.#hasFailed = true;
        reject(error);
      };
    });
    void this.#cloud.died.then(this.#fail);
  }

  /** Resolves once every store is on the line and has what there is: a report targets those seen before. */
  async open(): Promise<void> {
    const { directory, heartbeatMs, salesPerMinute, say, stores } = this.#options;
    await this.#cloud.start();
    mkdirSync(join(directory, 'stores'));
    for (let index = 0; index < stores; index += 1) {
      const identity = simulatedStore(index, '') as Identity;
      this.#tills.push(
        new Till({
          identity,
          url: () => this.#cloud.target.outputs.StoreEndpoint,
          token: await this.#cloud.target.mint(identity),
          directory: join(directory, 'stores'),
          salesPerMinute,
          heartbeatMs,
          random: this.#random.fork(),
          count: this.#count,
        }),
      );
      if (index % CONNECTIONS_PER_SECOND === CONNECTIONS_PER_SECOND - 1) await sleep(1_000);
    }
    while (this.#tills.some(({ client }) => Object.keys(client.positions).length === 0)) {
      if (this.#isOver) throw new Error('the run has ended');
      await sleep(50);
    }
    this.#marketing = new Marketing({
      target: () => this.#cloud.target,
      random: this.#random.fork(),
      stores: this.#tills.map(({ identity }) => identity),
      count: this.#count,
    });
    say(`${stores} stores are on the line`);
  }

  async live(): Promise<void> {
    const { seconds } = this.#options;
    const plan = planChaos(this.#random.fork(), seconds * 1_000);
    for (const till of this.#tills) till.open();
    this.#beside(this.#publishUntilOver());
    this.#beside(this.#sampleUntilOver());
    const startedAt = performance.now();
    const until = (ms: number) => sleep(startedAt + ms - performance.now());
    for (const episode of plan) {
      await until(episode.atMs);
      this.#options.say(`${Math.round(episode.atMs / 1_000)} s: ${episode.kind}`);
      await this.#begin(episode);
    }
    await until(seconds * 1_000);
    this.#isOver = true;
    await Promise.all(this.#underWay);
  }

  /** Ends all faults, waits until all has come or patience is at its end, and asks the chain. */
  async reckon(): Promise<ChaosReport> {
    const isDiskFull = [...this.#active].some(({ fillsDisk }) => fillsDisk);
    this.#active.clear();
    await this.#cloud.inject(NO_FAULTS);
    if (isDiskFull) await this.#cloud.killAndRestart();
    for (const { network } of this.#tills) network.weather = FAIR;
    await Promise.all(this.#tills.map(till => till.close()));
    const marketing = this.#publisher();
    const office = new DeadLetterOffice(() => this.#cloud.target, marketing, this.#count);
    const endedAt = performance.now();
    const { hasStopped, open } = await this.#settle(marketing, office);
    const settledAfterMs = performance.now() - endedAt;
    const evidence = {
      target: this.#cloud.target,
      tills: this.#tills,
      marketing,
      office,
      from: new Date(this.#startedAt - LATEST_SALE_MS),
    };
    const lost =
      open.length === 0 ? await audit(evidence) : [...(hasStopped ? open : []), ...beyondRepair(evidence)];
    let deliveries = 0;
    // One after the other: hundreds at once are more than the local cloud has environments for.
    for (const id of marketing.accepted.keys()) deliveries += (await reportOf(evidence, id)).applied;
    for (const [what, times] of await this.#cloud.injected()) this.#count(what, times);
    return {
      injected: Object.fromEntries([...this.#injected].sort(([a], [b]) => (a < b ? -1 : 1))),
      sales: this.#tills.reduce((sum, { printedSales }) => sum + printedSales, 0),
      updates: marketing.accepted.size,
      deliveries,
      poisons: marketing.poisons.size,
      memory: this.#cloud.memory,
      settledAfterMs,
      unsettled: hasStopped ? [] : open,
      lost,
    };
  }

  async close(): Promise<void> {
    this.#isOver = true;
    // Marketing insists, for ever where the cloud is gone.
    if (!this.#hasFailed) await Promise.allSettled(this.#underWay);
    await Promise.all(this.#tills.map(till => till.close()));
    await Promise.all(this.#tills.map(({ client }) => client.close()));
    await this.#cloud.stop();
  }

  readonly #count = (what: string, times = 1): void => {
    this.#injected.set(what, (this.#injected.get(what) ?? 0) + times);
  };

  #beside(task: Promise<unknown>): void {
    this.#underWay.push(task);
    task.catch(this.#fail);
  }

  #publisher(): Marketing {
    if (this.#marketing === undefined) throw new Error('the run is not open');
    return this.#marketing;
  }

  async #begin(episode: Episode): Promise<void> {
    if (episode.cutShare !== undefined)
      for (const { network } of this.#random.some(this.#tills, episode.cutShare)) network.cut();
    if (episode.poisons) this.#beside(this.#publisher().poison());
    if (episode.killsCloud) {
      this.#count('kill -9 of the cloud');
      await this.#cloud.killAndRestart();
    }
    if (episode.fillsDisk)
      this.#count((await this.#cloud.fillDisk()) ? 'disks filled' : 'disks that could not be filled');
    if (episode.forMs === 0) return;
    const { share, weather } = episode.weather ?? { share: 0, weather: FAIR };
    for (const { network } of this.#random.some(this.#tills, share)) network.weather = weather;
    this.#active.add(episode);
    await this.#cloud.inject(mergeFaults(this.#active));
    this.#beside(this.#endAfter(episode));
  }

  async #endAfter(episode: Episode): Promise<void> {
    await sleep(episode.forMs);
    if (!this.#active.delete(episode)) return;
    // Space alone is not enough: a database that met a full disk is opened anew.
    if (episode.fillsDisk) await this.#cloud.killAndRestart();
    if (episode.weather !== undefined) for (const { network } of this.#tills) network.weather = FAIR;
    await this.#cloud.inject(mergeFaults(this.#active));
  }

  async #publishUntilOver(): Promise<void> {
    while (!this.#isOver) {
      await this.#publisher().publish();
      await sleep(60_000 / this.#options.updatesPerMinute);
    }
  }

  async #sampleUntilOver(): Promise<void> {
    while (!this.#isOver) {
      await this.#cloud.injected();
      await sleep(SAMPLE_EVERY_MS);
    }
  }

  /**
   * Where nothing moves, the cloud's clock jumps to Lambda's retries. Not before: a jump is longer than the gateway waits
   * for a function, so it ends every handshake and every frame that is under way, and all of them come again.
   */
  #settle(marketing: Marketing, office: DeadLetterOffice): Promise<Settlement> {
    const { patienceMs, say, stoppedAfterMs } = this.#options;
    let jumps = 0;
    let isWatched = false;
    return settle({
      openMatters: async () => {
        await office.empty();
        const open = openMatters({ marketing, office, tills: this.#tills });
        // They come last, and each question is a request.
        return open.length > 0 ? open : pendingReceipts(this.#cloud, marketing);
      },
      help: async stillRounds => {
        await sleep(500);
        // Somebody watches, so stores don't wait for their minute.
        if (!isWatched) isWatched = await this.#watch();
        const away = this.#tills.filter(({ client }) => !client.connected).length;
        const isStill = stillRounds > 0 && stillRounds % ROUNDS_A_JUMP === 0;
        if (!isStill || jumps === JUMPS || away > this.#tills.length * MOST_AWAY) return;
        jumps += 1;
        await this.#cloud.advance(JUMP_MS);
      },
      patienceMs,
      stoppedAfterMs,
      say,
    });
  }

  async #watch(): Promise<boolean> {
    try {
      await this.#cloud.target.api.list(operations.salesTotals, { query: { by: 'region', live: 'true' } });
      return true;
    } catch {
      return false;
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, ms)));
}
