/** dynalite takes each of its actions from a file of its own, once: until then it can be given another in its place. */
import { createRequire } from 'node:module';

// dynalite is CommonJS without types.
const require = createRequire(import.meta.url);

/** @param name `getItem`; what loads the action from now on, dynalite's batches among it, loads the replaced one */
export function replaceAction<Action>(name: string, replace: (action: Action) => Action): void {
  const path = require.resolve(`dynalite/actions/${name}`);
  const action = require(path) as Action;
  const module = require.cache[path];
  if (module === undefined) throw new Error(`dynalite has no ${name}: has it changed?`);
  module.exports = replace(action);
}
