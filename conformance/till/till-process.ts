/** The till that is judged: a program of anybody's, which is spoken with in JSON lines. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Watch } from '../till-watch.ts';
import type { Trace } from '../trace.ts';
import { CannotStart, Violation } from '../violation.ts';

export interface TillPlace {
  command: readonly string[];
  directory: string;
  environment: Readonly<Record<string, string>>;
}

type Json = Record<string, unknown>;

/** A question about a price is answered within so long, also at the first start. */
const ANSWER_MS = 20_000;
/** What a till needn't say is waited for so long. */
const QUIET_MS = 2_000;
const STOP_MS = 20_000;
/** Last words that are shown where a till ends by itself. */
const LAST_WORDS = 600;

export class TillProcess {
  readonly #watch: Watch;
  readonly #trace: Trace;
  readonly #place: TillPlace;
  #child: ChildProcess | undefined;
  #said: Json[] = [];
  #words = '';
  /** Whether its end is wanted. */
  #isDismissed = false;

  constructor(watch: Watch, trace: Trace, place: TillPlace) {
    this.#watch = watch;
    this.#trace = trace;
    this.#place = place;
  }

  start(): void {
    const [program = '', ...args] = this.#place.command;
    this.#said = [];
    this.#isDismissed = false;
    this.#trace.step('the till was started');
    // A group of its own: what the command has started ends with it.
    const child = spawn(program, args, {
      cwd: this.#place.directory,
      env: { ...process.env, ...this.#place.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    running.add(child);
    child.stdin.on('error', () => {});
    child.stderr.on('data', data => {
      this.#words = (this.#words + data).slice(-LAST_WORDS);
      this.#trace.note({ stderr: String(data) });
    });
    createInterface(child.stdout).on('line', text => this.#hear(child, text));
    child.on('error', ({ message }) => this.#watch.fail(new CannotStart(message)));
    child.on('exit', () => {
      running.delete(child);
      this.#watch.changed();
    });
    // Its last words may come after its end.
    child.on('close', (code, signal) => {
      if (child === this.#child && !this.#isDismissed) {
        this.#watch.fail(
          new Violation(`the till ended by itself (${signal ?? code}): ${this.#words.trim()}`),
        );
      }
    });
  }

  /** As a power cut: SIGKILL, to all that it has started. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#isDismissed = true;
    if (child === undefined || hasEnded(child)) return;
    this.#trace.step('the till was killed');
    const ended = once(child, 'exit');
    killGroup(child);
    await ended;
  }

  /** Tells it to stop. @throws Violation if it doesn't end */
  async stop(): Promise<void> {
    this.#isDismissed = true;
    this.#trace.step('the till was told to stop');
    this.tell({ stop: true });
    await this.#watch.until(
      () => this.#child !== undefined && hasEnded(this.#child),
      'end when told to stop',
      STOP_MS,
    );
  }

  /** A line to its standard input. */
  tell(line: object): void {
    this.#trace.note({ in: line });
    this.#child?.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  /** Answers once the sale is on disk. */
  async sell(sale: { saleId: string }): Promise<void> {
    this.tell({ sell: sale });
    const isSold = () => this.#said.some(({ sold }) => sold === sale.saleId);
    try {
      await this.#watch.until(isSold, 'take a sale', QUIET_MS);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      // It doesn't say so: what it answers now, it answers after the sale.
      await this.price(sale.saleId);
    }
  }

  /** The price that holds now, in minor units; undefined where there is none. */
  async price(sku: string): Promise<number | undefined> {
    const answer = await this.#ask({ price: sku }, 'price');
    if (typeof answer === 'number') return answer;
    const { amount } = (answer ?? {}) as { amount?: unknown };
    return typeof amount === 'number' ? amount : undefined;
  }

  /** Ids of the offers that are in force for this SKU. @returns undefined from a till that isn't asked this */
  async offers(sku: string): Promise<string[] | undefined> {
    const answer = await this.#ask({ offers: sku }, 'offers', true);
    return Array.isArray(answer) ? answer.map(String) : undefined;
  }

  async #ask(question: Json, field: string, isOptional = false): Promise<unknown> {
    const before = this.#said.length;
    this.tell({ ask: question });
    const answered = () =>
      this.#said.slice(before).find(line => field in line || Object.keys(line).length === 0);
    const within = isOptional ? 2 * QUIET_MS : ANSWER_MS;
    const waiting = this.#watch.until(answered, `answer ${JSON.stringify({ ask: question })}`, within);
    const answer = await (isOptional ? waiting.catch(() => ({})) : waiting);
    return (answer as Json)[field];
  }

  /** Lines that are no JSON objects are for people. */
  #hear(child: ChildProcess, text: string): void {
    if (child !== this.#child) return;
    this.#trace.note({ out: text });
    try {
      const line = JSON.parse(text);
      if (typeof line === 'object' && line !== null && !Array.isArray(line)) this.#said.push(line);
    } catch {
      return;
    }
    this.#watch.changed();
  }
}

const running = new Set<ChildProcess>();

/** No till outlives the judge. */
export function killAll(): void {
  for (const child of running) killGroup(child);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already, or this system has no process groups.
    child.kill('SIGKILL');
  }
}
