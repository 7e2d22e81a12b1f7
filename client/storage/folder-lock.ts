/**
 * A lock file: one process at a time uses a folder. It names its holder, so that the lock of a process that was
 * killed doesn't lock its successor out.
 */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const LOCK = 'lock';
const WRITING_MS = 100;
/** It has ended, and its parent hasn't asked how. */
const DEAD = 'dead';

/** Somebody else holds the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

interface Holder {
  id: string;
  pid: number;
  host: string;
  /** Tells the process from a later one with its number; empty where the system doesn't say. */
  startedAt: string;
}

/** The ids of the locks that this process holds. */
const held = new Set<string>();

/**
 * Takes the lock of a folder that exists.
 *
 * @returns what releases it
 * @throws FolderInUseError while a process that runs, or one of another machine, holds it
 */
export async function lockFolder(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, LOCK);
  const holder = { id: randomUUID(), pid: process.pid, host: hostname(), startedAt: await startOf('self') };
  for (;;) {
    // Before the file is there: another client of this process may read it at once.
    held.add(holder.id);
    if (await create(path, JSON.stringify(holder))) return () => release(path, holder.id);
    held.delete(holder.id);
    const text = await readSettled(path);
    const other = parse(text);
    if (other !== undefined && (await isHolding(other))) {
      const where = other.host === hostname() ? '' : ` on ${other.host}`;
      throw new FolderInUseError(
        `process ${other.pid}${where} uses ${directory}; if it is gone for good, delete ${path}`,
      );
    }
    await removeStale(path, text);
  }
}

/** @returns false if the file is there already */
async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function release(path: string, id: string): Promise<void> {
  held.delete(id);
  await rm(path, { force: true });
}

/**
 * Renamed first: of two processes that find the same stale lock one gets it, and what was renamed may be a fresh lock
 * that took its place meanwhile, which goes back.
 */
async function removeStale(path: string, judged: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const text = await readFile(aside, 'utf8');
  if (text === judged) await rm(aside, { force: true });
  else await rename(aside, path);
}

/** Its writer may be between creating and writing it: then it is unreadable for a moment, or for good after a crash. */
async function readSettled(path: string): Promise<string> {
  const read = () => readFile(path, 'utf8').catch(() => '');
  const text = await read();
  if (parse(text) !== undefined) return text;
  await new Promise(resolve => setTimeout(resolve, WRITING_MS));
  return read();
}

function parse(text: string): Holder | undefined {
  try {
    const { id, pid, host, startedAt } = JSON.parse(text) as Partial<Holder>;
    return typeof id === 'string' && typeof pid === 'number' && typeof host === 'string'
      ? { id, pid, host, startedAt: startedAt ?? '' }
      : undefined;
  } catch {
    return undefined;
  }
}

async function isHolding({ id, pid, host, startedAt }: Holder): Promise<boolean> {
  if (host !== hostname()) return true;
  if (pid === process.pid) return held.has(id);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    if (isCode(error, 'ESRCH')) return false;
  }
  const started = await startOf(pid);
  return started !== DEAD && (startedAt === '' || startedAt === started);
}

/** The boot and the moment in it at which a process started (proc(5)); empty where there is no /proc. */
async function startOf(pid: number | 'self'): Promise<string> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The name in brackets may hold blanks; its state is field 3 of the line, its start field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? DEAD : `${boot.trim()} ${fields[19]}`;
  } catch {
    return '';
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
