/**
 * The events that were put on a bus, the newest ten thousand of them or 64 MB, so that whoever develops against a bus sees what
 * comes there without a rule. They outlive the process: a commit is made before PutEvents answers. On AWS there is no such
 * record; an archive is the next of kin.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** One that was put, and its number: a later one has a higher one. */
export interface RecordedEvent {
  number: number;
  bus: string;
  event: unknown;
}

export interface EventQuery {
  /** @default every bus */
  bus?: string | undefined;
  /** Those with higher numbers. */
  after: number;
  limit: number;
}

const MOST_KEPT = 10_000;
const MOST_BYTES = 64 * 1_024 * 1_024;
/** Room is made once for so many. */
const PRUNED_AT_ONCE = 500;

export class EventRecord {
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #prune: StatementSync;

  constructor(database: DatabaseSync) {
    database.exec(
      'CREATE TABLE IF NOT EXISTS put_events (number INTEGER PRIMARY KEY AUTOINCREMENT, bus TEXT NOT NULL, event TEXT NOT NULL) STRICT',
    );
    this.#insert = database.prepare('INSERT INTO put_events (bus, event) VALUES (?, ?)');
    this.#read = database.prepare(
      'SELECT number, bus, event FROM put_events WHERE number > ?1 AND (?2 IS NULL OR bus = ?2) ORDER BY number LIMIT ?3',
    );
    this.#prune = database.prepare(`
      DELETE FROM put_events WHERE number <= ?1 OR number IN (
        SELECT number FROM (
          SELECT number, sum(length(event)) OVER (ORDER BY number DESC) AS newest FROM put_events
        ) WHERE newest > ${MOST_BYTES}
      )`);
  }

  add(bus: string, event: object): void {
    const number = Number(this.#insert.run(bus, JSON.stringify(event)).lastInsertRowid);
    if (number % PRUNED_AT_ONCE === 0) this.#prune.run(number - MOST_KEPT);
  }

  /** In the order of their numbers. */
  read({ after, bus, limit }: EventQuery): RecordedEvent[] {
    return this.#read.all(after, bus ?? null, limit).map(row => ({
      number: Number(row.number),
      bus: String(row.bus),
      event: JSON.parse(String(row.event)) as unknown,
    }));
  }
}
