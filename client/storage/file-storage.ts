/** A file for Node, replaced as a whole by each new state. */
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asideOf, readIfThere, replaceDurably } from './durable-file.ts';
import type { ClientStorage } from './storage.ts';

/** Keeps a store's state in a file of its own, whose folder is made if need be. One client at a time may use it. */
export function fileStorage(path: string): ClientStorage {
  return {
    load: async () => (await readIfThere(path))?.toString('utf8'),
    async save(state) {
      await mkdir(dirname(path), { recursive: true });
      await replaceDurably(path, state);
    },
    async setAside() {
      const aside = asideOf(path);
      await rename(path, aside);
      return aside;
    },
  };
}
