/** Builds the npm packages into `dist/`, or into the directory that is named: a folder each, ready for `npm pack` and `npm publish`. */
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildClient } from './client/build-client.ts';
import { buildLocalCloud } from './local-cloud/build-local-cloud.ts';
import { root } from './project.ts';
import { buildStorecast } from './storecast/build-storecast.ts';

const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const packages = { client: buildClient, 'local-cloud': buildLocalCloud, storecast: buildStorecast };

for (const [folder, build] of Object.entries(packages)) {
  const directory = join(dist, folder);
  rmSync(directory, { recursive: true, force: true });
  await build(directory);
  console.log(`built ${directory}`);
}
