/** `@storecast/client` for browsers. It has the names of the Node build, since TypeScript knows but one set of them. */
import type * as node from '../../client/node.ts';

export * from '../../client/browser.ts';

/** @throws TypeError always: files are Node's */
export const fileStorage: typeof node.fileStorage = () => onlyInNode('fileStorage', 'indexedDbStorage');

/** @throws TypeError always: files are Node's */
export const fileOutbox: typeof node.fileOutbox = () => onlyInNode('fileOutbox', 'indexedDbOutbox');

function onlyInNode(name: string, substitute: string): never {
  throw new TypeError(`${name} needs Node, and this is no Node; use ${substitute}`);
}
