/** What the local cloud keeps from run to run: one directory, and what lies where in it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseJsonObject } from './json-text.ts';
import { makeDirectory, PRIVATE_FILE, privateDirectory, privateFile } from './private-files.ts';
import { storageError } from './storage-error.ts';

/** Another process has the directory open. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
}

/** What a fresh start removes; other files of the user in the directory stay. */
const OWN_ENTRIES = ['dynamodb', 'sqs', 'kms', 'logs', 'ids.json', 'outputs.json'];

export class DataDirectory {
  readonly path: string;
  /** Deliveries and asynchronous invocations: a commit outlives the process. */
  readonly database: DatabaseSync;
  readonly #ids: Record<string, string>;

  /**
   * @param options.fresh empties it first
   * @throws DataDirectoryInUseError, StorageError
   */
  constructor(path: string, { fresh = false } = {}) {
    this.path = path;
    named(path, () => makeDirectory(path));
    const queues = this.file('queues.db');
    this.database = named(queues, () => (fresh ? openEmpty(queues) : openExclusively(queues)));
    try {
      if (fresh) this.#empty();
      this.directory('logs');
      this.#ids = named(this.file('ids.json'), () => readIds(this.file('ids.json')));
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** A folder of a service. @throws StorageError */
  directory(name: string): string {
    return named(this.file(name), () => privateDirectory(this.file(name)));
  }

  /** The random id of a resource, the same in every run: ten letters for an API, a UUID for a key. */
  randomId(logicalId: string, kind: 'api' | 'key'): string {
    const known = this.#ids[logicalId];
    if (known !== undefined) return known;
    const id =
      kind === 'key'
        ? randomUUID()
        : Buffer.from(randomBytes(10)).reduce((text, byte) => text + LETTERS[byte % LETTERS.length], '');
    this.#ids[logicalId] = id;
    this.write('ids.json', this.#ids);
    return id;
  }

  /** Writes JSON so that a kill leaves the old file or the new one. @throws StorageError */
  write(name: string, value: unknown): void {
    named(this.file(name), () => {
      const text = `${JSON.stringify(value, undefined, 2)}\n`;
      writeFileSync(this.file(`${name}.new`), text, { mode: PRIVATE_FILE });
      renameSync(this.file(`${name}.new`), this.file(name));
    });
  }

  /** @throws StorageError */
  log(functionName: string, line: string): void {
    const file = this.file(`logs/${functionName}.log`);
    named(file, () => appendFileSync(file, `${line}\n`, { mode: PRIVATE_FILE }));
  }

  close(): void {
    this.database.close();
  }

  #empty(): void {
    for (const entry of OWN_ENTRIES) {
      const file = this.file(entry);
      named(file, () => rmSync(file, { recursive: true, force: true }));
    }
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function named<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw error instanceof DataDirectoryInUseError ? error : storageError(file, error);
  }
}

function readIds(file: string): Record<string, string> {
  return existsSync(file) ? (parseJsonObject(readFileSync(file, 'utf8')) as Record<string, string>) : {};
}

/** The lock on this file is the directory's: it goes with the process, however that ends. */
function openExclusively(file: string): DatabaseSync {
  const database = new DatabaseSync(privateFile(file));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    database.exec('CREATE TABLE IF NOT EXISTS opened (at TEXT); BEGIN IMMEDIATE; COMMIT');
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/.test(error.message)) {
      throw new DataDirectoryInUseError(`${dirname(file)} is in use by another local cloud`);
    }
    throw error;
  }
  return database;
}

/** Opens it before it empties it, so that a directory in use is left alone. No process uses a damaged one. */
function openEmpty(file: string): DatabaseSync {
  try {
    const database = openExclusively(file);
    dropTables(database);
    return database;
  } catch (error) {
    if (!(error instanceof Error) || !/not a database|malformed/.test(error.message)) throw error;
    for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
    return openExclusively(file);
  }
}

function dropTables(database: DatabaseSync): void {
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all();
    for (const { name } of tables) database.exec(`DROP TABLE "${name}"`);
  } catch (error) {
    database.close();
    throw error;
  }
}
