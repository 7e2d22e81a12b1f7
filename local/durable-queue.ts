/**
 * Jobs that survive `kill -9`: EventBridge's deliveries and Lambda's asynchronous invocations are answered
 * "accepted" once they lie here, so they must be in the database before that answer and leave it only when done.
 * A job that was in flight at a crash is run again at the next start: at least once, as on AWS.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from './cloud-clock.ts';
import { storageError } from './storage-error.ts';

export interface QueuedJob<T> {
  job: T;
  id: number;
  /** How often a worker was given this job before. */
  attempts: number;
  /** When it was added, in milliseconds of the clock. */
  addedAt: number;
}

/** `done` deletes the job; `retryAt` keeps it until then, as `job` if the worker changed it. */
export type JobAnswer<T> = 'done' | { retryAt: number; job?: T };
export type JobWorker<T> = (queued: QueuedJob<T>) => Promise<JobAnswer<T>>;

export interface DurableQueueOptions {
  /** In WAL mode with synchronous NORMAL: a commit then outlives the process, though not a power cut. */
  database: DatabaseSync;
  /** One table per queue. */
  table: string;
  clock: Clock;
  /** Workers that run side by side. @default 16 */
  concurrency?: number;
  /** Hears of workers that threw. @default console.error */
  log?: (line: string) => void;
}

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

/** A table of jobs with due times, worked on by one process at a time. */
export class DurableQueue<T> {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #log: (line: string) => void;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #inFlight = new Map<number, Promise<void>>();
  #worker: JobWorker<T> | undefined;
  #cancelTimer: () => void = () => {};
  #pumpIsDue = false;

  constructor(options: DurableQueueOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#concurrency = options.concurrency ?? 16;
    this.#log = options.log ?? console.error;
    this.#statements = prepareStatements(options.database, `"${options.table.replaceAll('"', '""')}"`);
  }

  /** Jobs that are stored, those in flight included. */
  get size(): number {
    return Number(this.#statements.count.get()?.jobs);
  }

  /**
   * Stores the job before it returns; it is worked on from `dueAt`. @default now
   *
   * @throws StorageError, as on a full disk
   */
  add(job: T, { dueAt = this.#clock.now() }: { dueAt?: number } = {}): void {
    try {
      this.#statements.insert.run(JSON.stringify(job), this.#clock.now(), dueAt);
    } catch (error) {
      throw storageError('queues.db', error);
    }
    this.#schedulePump();
  }

  /** Begins with what is due, what an earlier process left behind included. */
  start(worker: JobWorker<T>): void {
    this.#worker = worker;
    this.#schedulePump();
  }

  /**
   * Takes up no more jobs; resolves when the workers in flight have ended. A caller that gives up waiting may close
   * the database: what ends later stays stored and is run again.
   */
  async stop(): Promise<void> {
    this.#worker = undefined;
    this.#cancelTimer();
    await Promise.all(this.#inFlight.values());
  }

  // Not inside `add` itself: a caller that adds ten jobs is answered before the first worker starts.
  #schedulePump(): void {
    if (this.#pumpIsDue || !this.#worker) return;
    this.#pumpIsDue = true;
    setImmediate(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    const worker = this.#worker;
    if (!worker) return;
    for (const id of this.#dueIds()) {
      const ended = this.#run(worker, id).finally(() => {
        this.#inFlight.delete(id);
        this.#schedulePump();
      });
      this.#inFlight.set(id, ended);
    }
    this.#armTimer();
  }

  #dueIds(): number[] {
    const free = this.#concurrency - this.#inFlight.size;
    if (free <= 0) return [];
    // Those in flight are still due in the table, so the limit is not `free`.
    const rows = this.#statements.due.all(this.#clock.now(), this.#concurrency);
    return rows
      .map(row => Number(row.id))
      .filter(id => !this.#inFlight.has(id))
      .slice(0, free);
  }

  #armTimer(): void {
    this.#cancelTimer();
    const next = this.#statements.next.get(this.#clock.now())?.due_at;
    this.#cancelTimer =
      typeof next === 'number' ? this.#clock.after(next - this.#clock.now(), () => this.#pump()) : () => {};
  }

  async #run(worker: JobWorker<T>, id: number): Promise<void> {
    const row = this.#statements.read.get(id);
    if (!row) return;
    const attempts = Number(row.attempts);
    const queued = { id, attempts, addedAt: Number(row.added_at), job: JSON.parse(String(row.job)) as T };
    const answer = await askWorker(worker, queued, error => this.#backOff(id, attempts, error));
    while (this.#database.isOpen && !this.#keep(id, answer)) await this.#pause(FIRST_BACKOFF_MS);
  }

  /** False where the disk takes nothing: the job stays in flight until it does, or until the next start. */
  #keep(id: number, answer: JobAnswer<T>): boolean {
    try {
      if (answer === 'done') this.#statements.remove.run(id);
      else this.#statements.retry.run(answer.retryAt, answer.job ? JSON.stringify(answer.job) : null, id);
      return true;
    } catch (error) {
      this.#log(storageError('queues.db', error).message);
      return this.#worker === undefined;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => this.#clock.after(ms, resolve));
  }

  #backOff(id: number, attempts: number, error: unknown): JobAnswer<T> {
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** attempts, LONGEST_BACKOFF_MS);
    const reason = error instanceof Error ? error.message : String(error);
    this.#log(`job ${id} failed and is tried again in ${backoffMs / 1000} s: ${reason}`);
    return { retryAt: this.#clock.now() + backoffMs };
  }
}

async function askWorker<T>(
  worker: JobWorker<T>,
  queued: QueuedJob<T>,
  onError: (error: unknown) => JobAnswer<T>,
): Promise<JobAnswer<T>> {
  try {
    return await worker(queued);
  } catch (error) {
    return onError(error);
  }
}

function prepareStatements(database: DatabaseSync, table: string) {
  database.exec(`
    CREATE TABLE IF NOT EXISTS ${table} (
      id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL,
      added_at REAL NOT NULL, due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS ${table.replace(/"$/, '_by_due_time"')} ON ${table} (due_at)`);
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    insert: prepare(`INSERT INTO ${table} (job, added_at, due_at) VALUES (?, ?, ?)`),
    due: prepare(`SELECT id FROM ${table} WHERE due_at <= ? ORDER BY due_at, id LIMIT ?`),
    next: prepare(`SELECT min(due_at) AS due_at FROM ${table} WHERE due_at > ?`),
    read: prepare(`SELECT job, added_at, attempts FROM ${table} WHERE id = ?`),
    retry: prepare(
      `UPDATE ${table} SET due_at = ?, job = coalesce(?, job), attempts = attempts + 1 WHERE id = ?`,
    ),
    remove: prepare(`DELETE FROM ${table} WHERE id = ?`),
    count: prepare(`SELECT count(*) AS jobs FROM ${table}`),
  };
}
