/** What ends a line: it is tried again, and waits for no answer that doesn't come. */
import { afterEach, expect, it } from 'vitest';
import { gatewayFromEnvironment } from '../../../lambdas/gateway/gateway.ts';
import { enterEnvironment, startAws } from '../aws.ts';

const aws = await startAws();
enterEnvironment(aws);
afterEach(() => aws.reset());
const gateway = gatewayFromEnvironment();

it('is tried three times', async () => {
  let attempts = 0;
  aws.statusOf = () => (++attempts < 3 ? 500 : 200);
  await gateway.disconnect('c=');
  expect([attempts, aws.closed]).toEqual([3, ['c=']]);
});

it('is tried again where no answer comes', async () => {
  let attempts = 0;
  aws.statusOf = () => (++attempts === 1 ? new Promise<number>(() => {}) : 200);
  await gateway.disconnect('c=');
  expect([attempts, aws.closed]).toEqual([2, ['c=']]);
});
