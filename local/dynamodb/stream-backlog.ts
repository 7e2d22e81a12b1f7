/**
 * The records of a stream that a source has still to hand to its function. They outlive the process, as DynamoDB keeps
 * records for a day: each is noted before its write and marked after it, so that of those a kill leaves unmarked it can be
 * told which were written.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { recordText, type StreamRecord } from './table-stream.ts';

/** One that an earlier process left. */
export interface LeftRecord {
  record: StreamRecord;
  /** Whether its write is known to have been made. */
  isMarked: boolean;
}

export class StreamBacklog {
  readonly #source: string;
  readonly #statements: Record<'insert' | 'mark' | 'remove' | 'read', StatementSync>;
  readonly #numbers = new Map<StreamRecord, number>();

  /** @param source the name of the event source */
  constructor(database: DatabaseSync, source: string) {
    this.#source = source;
    database.exec(
      'CREATE TABLE IF NOT EXISTS stream_records (number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, record TEXT NOT NULL, marked INTEGER NOT NULL DEFAULT 0) STRICT',
    );
    this.#statements = {
      insert: database.prepare('INSERT INTO stream_records (source, record) VALUES (?, ?)'),
      mark: database.prepare('UPDATE stream_records SET marked = 1 WHERE number = ?'),
      remove: database.prepare('DELETE FROM stream_records WHERE number IN (SELECT value FROM json_each(?))'),
      read: database.prepare(
        'SELECT number, record, marked FROM stream_records WHERE source = ? ORDER BY number',
      ),
    };
  }

  /** What an earlier process left, in its order. */
  read(): LeftRecord[] {
    return this.#statements.read.all(this.#source).map(row => {
      const record = JSON.parse(String(row.record)) as StreamRecord;
      this.#numbers.set(record, Number(row.number));
      return { record, isMarked: row.marked === 1 };
    });
  }

  note(record: StreamRecord): void {
    const { lastInsertRowid } = this.#statements.insert.run(this.#source, recordText(record));
    this.#numbers.set(record, Number(lastInsertRowid));
  }

  /** Its write is made. */
  mark(record: StreamRecord): void {
    this.#statements.mark.run(this.#numberOf(record));
  }

  /** They are handed over, or given up: all of them leave, or none where the disk takes nothing. */
  remove(records: readonly StreamRecord[]): void {
    const numbers = JSON.stringify(records.map(record => this.#numberOf(record)));
    for (const record of records) this.#numbers.delete(record);
    this.#statements.remove.run(numbers);
  }

  #numberOf(record: StreamRecord): number {
    return this.#numbers.get(record) ?? 0;
  }
}
