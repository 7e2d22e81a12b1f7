/**
 * dynalite ends an iterator over its database by `return()`, which abstract-level's iterators don't have: none was ever
 * closed, and each query kept what it had pinned of LevelDB's memory until the process ended. This gives it to them.
 */
import { createRequire } from 'node:module';

interface Iterator {
  close(): Promise<void>;
  return?(): Promise<void>;
}

// The one that dynalite's database is made of; both are CommonJS.
const require = createRequire(createRequire(import.meta.url).resolve('dynalite'));
const iterators = require('abstract-level') as Record<string, { prototype: Iterator }>;

for (const name of ['AbstractIterator', 'AbstractKeyIterator', 'AbstractValueIterator']) {
  const prototype = iterators[name]?.prototype;
  if (prototype === undefined) throw new Error(`abstract-level has no ${name}: has dynalite changed?`);
  prototype.return = function (this: Iterator): Promise<void> {
    return this.close();
  };
}
