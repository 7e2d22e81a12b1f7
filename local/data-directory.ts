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
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process has the directory open. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
}

export class DataDirectory {
  readonly path: string;
  readonly #ids: Record<string, string>;
  #database: DatabaseSync | undefined;

  /** @param fresh empties it first */
  constructor(path: string, { fresh = false } = {}) {
    if (fresh) rmSync(path, { recursive: true, force: true });
    mkdirSync(join(path, 'logs'), { recursive: true });
    this.path = path;
    this.#ids = existsSync(this.#idsFile) ? JSON.parse(readFileSync(this.#idsFile, 'utf8')) : {};
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Deliveries and asynchronous invocations: a commit outlives the process. */
  openDatabase(): DatabaseSync {
    this.#database ??= openExclusively(this.file('queues.db'));
    return this.#database;
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
    appendFileSync(join(this.path, 'logs', `${functionName}.log`), `${line}\n`);
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  get #idsFile(): string {
    return this.file('ids.json');
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
      throw new DataDirectoryInUseError(`the data directory of ${file} is in use by another local cloud`);
    }
    throw error;
  }
  return database;
}
