/** Files that survive a power cut: what is written is forced to disk, and a rename counts once its folder is. */
import { constants } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file's bytes; undefined where there is none. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes beside the old file and takes its name: a crash leaves the one or the other, never a half. */
export async function replaceDurably(path: string, content: string): Promise<void> {
  await writeDurably(`${path}.new`, content);
  await rename(`${path}.new`, path);
  await forceToDisk(dirname(path));
}

/** Adds to the end of a file that is there: what changes is nothing without what it changes. */
export async function appendDurably(path: string, content: string): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** A file, or a folder: a rename is durable once its folder is. Windows can't do so with what is open for reading. */
export async function forceToDisk(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const opened = await open(path, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** Where something that can't be read is put. */
export function asideOf(path: string): string {
  return `${path}.unreadable-${new Date().toISOString().replaceAll(':', '')}`;
}
