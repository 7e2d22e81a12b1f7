/** Where a rule is tried: a chain of its own and a till of its own, in a directory of their own. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChainLine } from './chain/chain-line.ts';
import { ScriptedChain } from './chain/scripted-chain.ts';
import { TillProcess } from './till/till-process.ts';
import { Watch } from './till-watch.ts';
import { Trace, type TraceEntry } from './trace.ts';
import { Violation } from './violation.ts';

/** Between two questions about a price. */
const POLL_MS = 100;

export class Scene {
  readonly #directory = mkdtempSync(join(tmpdir(), 'storecast-till-'));
  readonly #crowd: TillProcess[] = [];
  readonly watch: Watch;
  readonly trace: Trace;
  readonly chain: ScriptedChain;
  readonly #command: readonly string[];
  #till: TillProcess | undefined;
  /** The token that the till is started with. */
  token = '';

  private constructor(command: readonly string[], patience: number, tell: (entry: TraceEntry) => void) {
    this.#command = command;
    this.watch = new Watch(patience);
    this.trace = new Trace(tell);
    this.chain = new ScriptedChain(this.watch, this.trace);
  }

  static async open(
    command: readonly string[],
    patience: number,
    tell: (entry: TraceEntry) => void,
  ): Promise<Scene> {
    const scene = new Scene(command, patience, tell);
    await scene.chain.up();
    scene.token = scene.chain.office.mint(Math.floor(Date.now() / 1_000) - 60);
    return scene;
  }

  async close(): Promise<void> {
    await Promise.all([this.#till, ...this.#crowd].map(till => till?.kill()));
    await this.chain.down();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Made at its first use, so that a scenario may choose the token before. */
  get till(): TillProcess {
    this.#till ??= this.#create(this.token, this.#directory);
    return this.#till;
  }

  /** Starts tills of the same make, each in a directory of its own. @returns the token of each */
  crowd(count: number): string[] {
    return Array.from({ length: count }, (_, index) => {
      const directory = join(this.#directory, String(index));
      mkdirSync(directory);
      const token = this.chain.office.mint(Math.floor(Date.now() / 1_000) - 60);
      const till = this.#create(token, directory);
      this.#crowd.push(till);
      till.start();
      return token;
    });
  }

  #create(token: string, directory: string): TillProcess {
    return new TillProcess(this.watch, this.trace, {
      command: this.#command,
      directory,
      environment: {
        STORECAST_ENDPOINT: this.chain.url,
        STORECAST_TOKEN: token,
        STORECAST_MANAGEMENT_URL: this.chain.managementUrl,
      },
    });
  }

  /** Starts the till, and answers its line once it has synced. */
  async online(): Promise<ChainLine> {
    this.till.start();
    return this.synced(0);
  }

  /** The first line from number `from` on that is open and has synced. */
  synced(from: number, withinMs?: number): Promise<ChainLine> {
    const { lines } = this.chain;
    const isReady = (line: ChainLine) => line.isOpen && line.isSynced;
    return this.watch.until(() => lines.slice(from).find(isReady), 'open a line and sync on it', withinMs);
  }

  /** The next line that is open and has synced, after `act` has ended the present one. */
  nextLine(act: () => unknown, withinMs?: number): Promise<ChainLine> {
    const before = this.chain.lines.length;
    act();
    return this.synced(before, withinMs);
  }

  /** Kills the till, and answers its next line. */
  async killed(): Promise<ChainLine> {
    await this.till.kill();
    const before = this.chain.lines.length;
    this.till.start();
    return this.synced(before);
  }

  /** Asks for a price until it is this one. */
  async untilPrice(sku: string, amount: number | undefined, why: string, withinMs = 10_000): Promise<void> {
    const until = performance.now() + withinMs;
    for (;;) {
      const price = await this.till.price(sku);
      if (price === amount) return;
      if (performance.now() > until) throw new Violation(priceText(price, amount, why));
      await this.watch.rest(POLL_MS);
    }
  }

  /** @throws Violation if the price is another one now */
  async price(sku: string, amount: number | undefined, why: string): Promise<void> {
    const price = await this.till.price(sku);
    if (price !== amount) throw new Violation(priceText(price, amount, why));
  }
}

function priceText(price: number | undefined, expected: number | undefined, why: string): string {
  const text = (amount: number | undefined) => (amount === undefined ? 'no price' : String(amount));
  return `the till says ${text(price)} where ${text(expected)} is right: ${why}`;
}
