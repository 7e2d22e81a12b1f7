/** `storecast`: the construct with its handlers built, and the command. */
import { join } from 'node:path';
import { bundleHandlers } from '../../lib/bundle/bundle-handlers.ts';
import { declareTypes } from '../declarations.ts';
import { REQUIRED, WORKER } from '../local-cloud/build-local-cloud.ts';
import { bundleModules, replaceModule } from '../modules.ts';
import { describePackage, OLDEST_NODE, root, versionsOf } from '../project.ts';

const ENTRY = 'lib/storecast.ts';
/** Whoever has a CDK app has them. */
const PEERS = ['aws-cdk-lib', 'constructs'];

export async function buildStorecast(directory: string): Promise<void> {
  const packages = await bundleModules({
    directory,
    entries: { index: ENTRY, command: 'packages/storecast/command.mjs', ...WORKER },
    platform: 'node',
    plugins: [
      replaceModule(
        join(root, 'lib', 'bundle', 'bundles.ts'),
        join(root, 'lib', 'bundle', 'built-bundles.ts'),
      ),
      replaceModule(
        join(root, 'cli', 'synthesize.ts'),
        join(root, 'packages', 'storecast', 'synthesize-in-process.ts'),
      ),
    ],
  });
  await bundleHandlers(join(directory, 'handlers'), 'lean');
  declareTypes(directory, [ENTRY]);
  describePackage(directory, 'storecast', {
    name: 'storecast',
    description:
      'The live line between a retail chain and its stores, as a construct for your CDK app, and its command',
    keywords: ['aws-cdk', 'cdk', 'construct', 'retail', 'pos', 'websocket'],
    main: './index.js',
    types: './types/lib/storecast.d.ts',
    exports: {
      '.': { types: './types/lib/storecast.d.ts', default: './index.js' },
      './package.json': './package.json',
    },
    bin: { storecast: 'command.js' },
    engines: { node: OLDEST_NODE },
    dependencies: versionsOf([...packages, ...REQUIRED].filter(name => !PEERS.includes(name))),
    peerDependencies: Object.fromEntries(
      Object.entries(versionsOf(PEERS)).map(([name, version]) => [name, `^${version}`]),
    ),
  });
}
