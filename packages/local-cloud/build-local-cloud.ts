/** `@storecast/local-cloud`: runs an assembly of `cdk synth` in this process. */
import { declareTypes } from '../declarations.ts';
import { bundleModules } from '../modules.ts';
import { describePackage, OLDEST_NODE_WITH_SQLITE, versionsOf } from '../project.ts';

const ENTRY = 'packages/local-cloud/local-cloud-entry.ts';
/** A thread's own file: local/lambda/execution-environment.ts starts it from beside itself. */
export const WORKER = { 'environment-worker': 'local/lambda/environment-worker.ts' };
/** Loaded by `createRequire`, which no bundler sees. */
export const REQUIRED = ['dynalite'];

export async function buildLocalCloud(directory: string): Promise<void> {
  const packages = await bundleModules({
    directory,
    entries: { index: ENTRY, ...WORKER },
    platform: 'node',
  });
  declareTypes(directory, [ENTRY]);
  describePackage(directory, 'local-cloud', {
    name: '@storecast/local-cloud',
    description:
      'Runs what cdk synth wrote on this machine: API Gateway, Lambda, DynamoDB, SQS, EventBridge, KMS and IAM',
    main: './index.js',
    types: './types/packages/local-cloud/local-cloud-entry.d.ts',
    exports: {
      '.': { types: './types/packages/local-cloud/local-cloud-entry.d.ts', default: './index.js' },
      './package.json': './package.json',
    },
    engines: { node: OLDEST_NODE_WITH_SQLITE },
    dependencies: versionsOf([...packages, ...REQUIRED]),
  });
}
