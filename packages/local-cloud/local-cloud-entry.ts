/** What `@storecast/local-cloud` shows. It loads on a Node that can't run it, to say so. */
import type { LocalCloud, LocalCloudOptions } from '../../local/local-cloud.ts';

export type { AdjustableClock } from '../../local/cloud-clock.ts';
export { createClock } from '../../local/cloud-clock.ts';
export { awsLimits, type Faults, type Limits, type LocalRoutes } from '../../local/cloud-options.ts';
export type { LocalCloud, LocalCloudOptions } from '../../local/local-cloud.ts';

/**
 * Boots what `cdk synth` wrote on one loopback port, and resolves once it answers.
 *
 * @throws Error whose `name` says what stands in the way: `UnsupportedTemplateError` for a resource type or property that
 *   it can't honour, `PortInUseError`, `DataDirectoryInUseError`, `TableChangedError` for data of another template
 * @example
 * const cloud = await startLocalCloud({ assemblyDirectory: 'cdk.out', dataDirectory: '.local-cloud', port: 0 });
 * cloud.outputs.AwsEndpointUrl; // AWS_ENDPOINT_URL for any SDK; key `local`, secret `local`
 * await cloud.stop();
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  if (process.getBuiltinModule?.('node:sqlite') === undefined) {
    throw new Error(
      `the local cloud needs SQLite, which Node has from 22.13 on, and this is ${process.version}`,
    );
  }
  const local = await import('../../local/local-cloud.ts');
  return local.startLocalCloud(options);
}
