/** What the local cloud keeps from run to run: one directory, and what lies where in it. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process has the directory open. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
}

/** What a fresh start removes; whatever else a user keeps in the directory stays. */
const OWN_ENTRIES = ['dynamodb', 'sqs', 'kms', 'logs', 'ids.json', 'outputs.json'];

export class DataDirectory {
  readonly path: string;
  /** Deliveries and asynchronous invocations: a commit outlives the process. */
  readonly database: DatabaseSync;
  readonly #ids: Record<string, string>;

  /**
   * @param options.fresh empties it first
   * @throws DataDirectoryInUseError
   */
  constructor(path: string, { fresh = false } = {}) {
    mkdirSync(path, { recursive: true });
    this.path = path;
    this.database = openExclusively(this.file('queues.db'));
    if (fresh) this.#empty();
    mkdirSync(this.file('logs'), { recursive: true });
    const ids = this.file('ids.json');
    this.#ids = existsSync(ids) ? JSON.parse(readFileSync(ids, 'utf8')) : {};
  }

  file(name: string): string {
    return join(this.path, name);
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

  /** Writes JSON so that a kill leaves the old file or the new one. */
  write(name: string, value: unknown): void {
    writeFileSync(this.file(`${name}.new`), `${JSON.stringify(value, undefined, 2)}\n`);
    renameSync(this.file(`${name}.new`), this.file(name));
  }

  log(functionName: string, line: string): void {
    appendFileSync(this.file(`logs/${functionName}.log`), `${line}\n`);
  }

  close(): void {
    this.database.close();
  }

  #empty(): void {
    for (const entry of OWN_ENTRIES) rmSync(this.file(entry), { recursive: true, force: true });
    const tables = this.database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all();
    for (const { name } of tables) this.database.exec(`DROP TABLE "${name}"`);
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The lock on this file is the directory's: it goes with the process, however that ends. */
function openExclusively(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
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
