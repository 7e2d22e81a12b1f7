/**
 * dynalite's database hands each read to a thread, which costs more than ten reads of its memory: the store of a machine's
 * tables lies there, or in that of the system. So here a read is done at once. Writes keep their thread, since they
 * wait for the disk.
 */
import { createRequire } from 'node:module';

interface Database {
  _get(key: unknown, options: object): Promise<unknown>;
  _getSync(key: unknown, options: object): unknown;
}

// The one that dynalite's database is made of; all are CommonJS.
const require = createRequire(createRequire(import.meta.url).resolve('dynalite'));
const { ClassicLevel } = createRequire(require.resolve('level'))('classic-level') as {
  ClassicLevel: { prototype: Database };
};
if (typeof ClassicLevel.prototype._getSync !== 'function')
  throw new Error('classic-level has no _getSync: has dynalite changed?');

ClassicLevel.prototype._get = async function (
  this: Database,
  key: unknown,
  options: object,
): Promise<unknown> {
  return this._getSync(key, options);
};
