/**
 * The outbox of a Node client: an append-only log, forced to disk before a till is told that its sale is stored. It
 * is rewritten without what has left once that is the greater part of it, and after a write that failed: the disk may
 * hold half of it then, and a failed sync is not made good by another one on the same file.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asideOf, forceToDisk, readIfThere, replaceDurably, writeDurably } from '../storage/durable-file.ts';
import { FolderInUseError, lockFolder } from '../storage/folder-lock.ts';
import { UnreadableStateError } from '../storage/storage.ts';
import { GroupCommit } from './group-commit.ts';
import {
  type MessageStorage,
  OutboxInUseError,
  type OutboxStorage,
  type Refusal,
  type StoredSale,
} from './outbox-storage.ts';
import { applyRecord, encodeRecord, type Held, type LogRecord, replay } from './sales-log.ts';

const LOG = 'sales.log';
/** Fewer lines than these are not worth a rewrite. */
const MANY_LINES = 1_000;

/**
 * Keeps sales and messages in a folder of their own, which is made if need be. One client at a time uses it: a lock file keeps
 * others out, who get {@link OutboxInUseError}. Lines of the log that can't be read are put into a file beside it, and
 * an `error` event says where.
 */
export function fileOutbox(directory: string): OutboxStorage {
  return new FileOutbox(directory);
}

class FileOutbox implements OutboxStorage {
  readonly #directory: string;
  readonly #path: string;
  readonly #commits = new GroupCommit<LogRecord>(records => this.#write(records));
  /** Open for appending, unless it must be rewritten first. */
  #file: FileHandle | undefined;
  #held: Held = { sales: new Map(), messages: new Map() };
  #lines = 0;
  #unlock: (() => Promise<void>) | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, LOG);
  }

  async load(failed: (error: Error) => void): Promise<StoredSale[]> {
    await this.#lock();
    await this.#closeFile();
    const log = await readIfThere(this.#path);
    const { held, records, unreadable, torn } = replay(log ?? new Uint8Array());
    this.#held = held;
    this.#lines = records;
    if (unreadable.length > 0) failed(await this.#setAside(unreadable));
    if (unreadable.length > 0 || torn) await this.#rewrite();
    else if (log !== undefined) await this.#reopen();
    return [...held.sales.values()];
  }

  append(sale: StoredSale['sale']): Promise<void> {
    return this.#commits.add({ sale });
  }

  settle(saleIds: readonly string[], refused: readonly Refusal[]): Promise<void> {
    return this.#commits.add({ settled: saleIds, refused });
  }

  readonly messages: MessageStorage = {
    load: async () => [...this.#held.messages.values()],
    append: message => this.#commits.add({ message }),
    remove: messageId => this.#commits.add({ sent: messageId }),
  };

  async close(): Promise<void> {
    await this.#commits.idle();
    await this.#closeFile();
    await this.#unlock?.();
    this.#unlock = undefined;
  }

  async #lock(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    try {
      this.#unlock ??= await lockFolder(this.#directory);
    } catch (error) {
      if (error instanceof FolderInUseError) throw new OutboxInUseError(error.message, { cause: error });
      throw error;
    }
  }

  async #write(records: LogRecord[]): Promise<void> {
    if (this.#file === undefined || this.#isMostlySpent) await this.#rewrite();
    const file = this.#file;
    try {
      await file?.appendFile(records.map(encodeRecord).join(''));
      await file?.datasync();
    } catch (error) {
      await this.#closeFile();
      throw error;
    }
    for (const record of records) applyRecord(this.#held, record);
    this.#lines += records.length;
  }

  get #isMostlySpent(): boolean {
    const { messages, sales } = this.#held;
    return this.#lines >= MANY_LINES && this.#lines > 2 * (sales.size + messages.size);
  }

  async #rewrite(): Promise<void> {
    await forceToDisk(dirname(this.#directory));
    // Windows renames over no file that is open.
    await this.#closeFile();
    const { messages, sales } = this.#held;
    const records = [
      ...[...sales.values()].flatMap(recordsOf),
      ...[...messages.values()].map(message => ({ message })),
    ];
    await replaceDurably(this.#path, records.map(encodeRecord).join(''));
    this.#lines = records.length;
    await this.#reopen();
  }

  /** What was read may not have reached the disk yet: a process killed before its sync leaves it with the system. */
  async #reopen(): Promise<void> {
    const file = await open(this.#path, 'a');
    this.#file = file;
    await file.datasync();
    await forceToDisk(this.#directory);
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #setAside(lines: readonly Uint8Array[]): Promise<Error> {
    const aside = asideOf(this.#path);
    await writeDurably(aside, Buffer.concat(lines.flatMap(line => [line, Buffer.from('\n')])));
    return new UnreadableStateError(
      `${lines.length} of the outbox's lines can't be read, and may be sales or messages; they are kept as ${aside}`,
    );
  }
}

function recordsOf({ sale, refusal }: StoredSale): LogRecord[] {
  return refusal === undefined ? [{ sale }] : [{ sale }, { settled: [], refused: [refusal] }];
}
