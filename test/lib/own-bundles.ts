/** The bundles that a test file makes in its own process: that is killed in the end, and takes no leave of them. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll } from 'vitest';
import { handlerBundle } from '../../lib/bundle/bundles.ts';

/** Call it once in a file that bundles. */
export function removeBundlesAfterAll(): void {
  afterAll(() => rmSync(dirname(handlerBundle('connect')), { recursive: true, force: true }));
}
