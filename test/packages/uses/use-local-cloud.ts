/** Somebody's test of their own stack, compiled in a project that has the package alone. */
import {
  awsLimits,
  createClock,
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from '@storecast/local-cloud';

const options: LocalCloudOptions = {
  assemblyDirectory: 'cdk.out',
  dataDirectory: '.local',
  port: 0,
  limits: { ...awsLimits, idleSeconds: 1 },
  clock: createClock(),
  faults: { post: () => 'lose' },
};
const cloud: LocalCloud = await startLocalCloud(options);
export const endpoint: string | undefined = cloud.outputs.AwsEndpointUrl;
// @ts-expect-error it needs an assembly
await startLocalCloud({ dataDirectory: '.local' });
await cloud.stop();
