/** In the npm package, in place of bundles.ts: the bundles lie in `handlers/`, beside the module of the construct. */
import { join } from 'node:path';
import type { Construct } from 'constructs';

/** Directory of the bundle of one handler. */
export function bundleFor(_scope: Construct, handler: string): string {
  return join(import.meta.dirname, 'handlers', handler);
}
