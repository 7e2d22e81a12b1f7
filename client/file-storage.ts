/**
 * A file for Node. A new state is written beside the old one, forced to disk, and takes its name: a crash leaves the
 * one or the other, never a half.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClientStorage } from './storage.ts';

/** Keeps a store's state in a file of its own, whose folder is made if need be. One client at a time may use it. */
export function fileStorage(path: string): ClientStorage {
  return {
    load: () => readIfThere(path),
    async save(state) {
      await mkdir(dirname(path), { recursive: true });
      await writeDurably(`${path}.new`, state);
      await rename(`${path}.new`, path);
      await syncFolder(dirname(path));
    },
    async setAside() {
      const aside = `${path}.unreadable-${new Date().toISOString().replaceAll(':', '')}`;
      await rename(path, aside);
      return aside;
    },
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its folder is. Windows can't open a folder, and needs no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
