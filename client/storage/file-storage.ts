/** A file for Node: a new state takes its place, what changes is added to its end. */
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { appendDurably, asideOf, forceToDisk, readIfThere, replaceDurably } from './durable-file.ts';
import { type ClientStorage, withAppend } from './storage.ts';

/** Keeps a store's state in a file of its own, whose folder is made if need be. One client at a time may use it. */
export function fileStorage(path: string): ClientStorage {
  return withAppend(
    {
      async load() {
        const saved = await readIfThere(path);
        // A process that was killed before it could do so may have left it with the system alone.
        if (saved !== undefined) await forceToDisk(path);
        return saved?.toString('utf8');
      },
      async save(state) {
        await mkdir(dirname(path), { recursive: true });
        await replaceDurably(path, state);
      },
      async setAside() {
        const aside = asideOf(path);
        await rename(path, aside);
        return aside;
      },
    },
    change => appendDurably(path, change),
  );
}
