/** One peer's trial: stores connect, updates go out while lines are cut, the server is killed, and all come back. */
import { usageOf } from '../machine/process-usage.ts';
import { CutNetwork, type Way } from './cut-network.ts';
import { cutsOf, OFFLINE_MS } from './offline-windows.ts';
import type { Peer, Server, Update } from './peers/peer.ts';
import type { PublishedUpdate, StoreRecord, Trial } from './trial-counts.ts';

const UPDATES = 120;
const INTERVAL_MS = 500;
const OFFER_EACH = 10;
const OFFER_LASTS_MS = 1_000;
const CONNECTING_AT_ONCE = 32;
const SETTLING_MS = 3_000;
const RETRY_MS = 50;
const PUBLISHING_MS = 60_000;
/** After the restart nothing more is expected once nothing has come for so long: longer than any library waits. */
const QUIET_MS = 70_000;
/** Who is not back by then doesn't come back. */
const BACK_MS = 900_000;
const RECEIPTS_MS = 90_000;

export interface Result extends Trial {
  /** From the kill until the server took an update again. */
  downMs: number;
  /** Of the server while updates went out and lines were cut. */
  cpuMs: number;
  peakBytes: number;
  /** Of prices; undefined where a publisher hears of no store. */
  receipts: number | undefined;
}

interface TrialStore {
  way: Way;
  handed: Map<number, number[]>;
}

export class JitterTrial {
  readonly #peer: Peer;
  readonly #network = new CutNetwork();
  readonly #stores: TrialStore[] = [];
  readonly #published: PublishedUpdate[] = [];
  #lastHandedAt = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  async run(stores: number): Promise<Result> {
    let server = await this.#start();
    try {
      await this.#connectAll(stores);
      await sleep(SETTLING_MS);
      const usage = await this.#measure(server, () => this.#jitter());
      const killedAt = Date.now();
      await server.kill();
      server = await this.#start();
      await this.#publish({ number: UPDATES + 1 });
      const downMs = Date.now() - killedAt;
      await this.#untilAllAreBack();
      const receipts = await this.#receipts();
      return { ...usage, killedAt, downMs, receipts, updates: this.#published, stores: this.#records() };
    } finally {
      await server.kill();
    }
  }

  async #start(): Promise<Server> {
    const server = await this.#peer.start();
    this.#network.leadTo(server.port);
    return server;
  }

  async #connectAll(stores: number): Promise<void> {
    const left = Array.from({ length: stores }, (_, index) => index);
    const work = async () => {
      for (let index = left.pop(); index !== undefined; index = left.pop()) {
        const store: TrialStore = { way: await this.#network.openWay(), handed: new Map() };
        this.#stores[index] = store;
        const handle = (number: number) => this.#note(store, number);
        await this.#peer.connect({ id: `store-${index}`, port: store.way.port, handle });
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, work));
  }

  #note({ handed }: TrialStore, number: number): void {
    this.#lastHandedAt = Date.now();
    const times = handed.get(number);
    if (times === undefined) handed.set(number, [this.#lastHandedAt]);
    else times.push(this.#lastHandedAt);
  }

  /** Resolves once the server has taken every update. */
  async #jitter(): Promise<void> {
    for (const [index, { way }] of this.#stores.entries()) {
      for (const ms of cutsOf(index, UPDATES * INTERVAL_MS)) setTimeout(() => way.cut(OFFLINE_MS), ms);
    }
    const startedAt = performance.now();
    const taken: Promise<void>[] = [];
    for (let number = 1; number <= UPDATES; number += 1) {
      await sleep(startedAt + number * INTERVAL_MS - performance.now());
      const offer = number % OFFER_EACH === 0 ? { endsAt: Date.now() + OFFER_LASTS_MS } : {};
      taken.push(this.#publish({ number, ...offer }));
    }
    await Promise.all(taken);
  }

  async #publish(update: Update): Promise<void> {
    this.#published.push({ ...update, sentAt: Date.now() });
    const giveUpAt = Date.now() + PUBLISHING_MS;
    for (;;) {
      try {
        return await this.#peer.publish(update);
      } catch (error) {
        if (Date.now() > giveUpAt) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  async #measure(server: Server, work: () => Promise<void>) {
    const before = usageOf(server.pid);
    let peakBytes = before.residentBytes;
    const timer = setInterval(() => {
      peakBytes = Math.max(peakBytes, usageOf(server.pid).residentBytes);
    }, 1_000);
    await work();
    clearInterval(timer);
    return { cpuMs: usageOf(server.pid).cpuMs - before.cpuMs, peakBytes };
  }

  async #untilAllAreBack(): Promise<void> {
    const prices = this.#prices;
    const isBack = ({ handed }: TrialStore) => prices.every(({ number }) => handed.has(number));
    const giveUpAt = Date.now() + BACK_MS;
    this.#lastHandedAt = Date.now();
    const isWorthWaiting = () => Date.now() < Math.min(giveUpAt, this.#lastHandedAt + QUIET_MS);
    while (!this.#stores.every(isBack) && isWorthWaiting()) await sleep(RETRY_MS);
  }

  /** Of prices. They may take their time: it asks for those of each until there are as many as were handed it. */
  async #receipts(): Promise<number | undefined> {
    const { receipts } = this.#peer;
    if (receipts === undefined) return undefined;
    const known = new Map<number, number>();
    const giveUpAt = Date.now() + RECEIPTS_MS;
    for (
      let open = this.#unproven(known);
      open.length > 0 && Date.now() < giveUpAt;
      open = this.#unproven(known)
    ) {
      try {
        for (const [number, stores] of await receipts.call(this.#peer, open)) known.set(number, stores);
      } catch (error) {
        console.error(`  asked for receipts: ${error instanceof Error ? error.message : error}`);
      }
      await sleep(RETRY_MS);
    }
    return [...known.values()].reduce((sum, stores) => sum + stores, 0);
  }

  #unproven(known: ReadonlyMap<number, number>): number[] {
    return this.#prices
      .map(({ number }) => number)
      .filter(
        number => (known.get(number) ?? 0) < this.#stores.filter(({ handed }) => handed.has(number)).length,
      );
  }

  get #prices(): PublishedUpdate[] {
    return this.#published.filter(({ endsAt }) => endsAt === undefined);
  }

  #records(): StoreRecord[] {
    return this.#stores.map(({ handed, way }) => ({ handed, absences: way.absences }));
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, ms)));
}
