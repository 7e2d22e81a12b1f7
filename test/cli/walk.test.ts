/** The walk of `doctor --deployed`: it passes on the local cloud, and each check fails where AWS would do otherwise. */
import { expect, test, vi } from 'vitest';
import type { Finding } from '../../cli/doctor/finding.ts';
import { checkPost, checkReceipt, checkSale } from '../../cli/doctor/flow-checks.ts';
import {
  checkClose,
  checkDisconnect,
  checkLargeFrame,
  checkSubprotocol,
  checkTakeover,
} from '../../cli/doctor/line-checks.ts';
import { newProbe, type Probe } from '../../cli/doctor/probe.ts';
import { Target } from '../../cli/target.ts';
import { awsLimits } from '../../local/cloud-options.ts';
import { bootCloud, editedAssembly } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { fileOf, storecast } from './storecast.ts';

vi.setConfig({ testTimeout: patience(60_000) });

test('a store walks through the whole system, and what this cloud has not is said to be unchecked', async () => {
  const { cloud } = await bootCloud();
  const file = fileOf('walked.json', JSON.stringify({ Storecast: cloud.outputs }));
  const { port } = new URL(cloud.outputs.AwsEndpointUrl ?? '');
  const { exitCode, stdout, stderr } = await storecast(
    ['doctor', '--deployed', '--rest', '1', '--port', port, '--json'],
    file,
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const { items } = JSON.parse(stdout) as { items: Finding[] };
  expect(items.filter(({ status }) => status === 'failed')).toEqual([]);
  const first = items.findIndex(({ check }) => check === 'handshake');
  const walked = items.slice(first).map(({ check, status }) => `${check}: ${status}`);
  expect(walked).toEqual([
    ...['handshake: ok', 'own domain: unchecked', 'post: ok', 'receipt: ok', 'sale: ok', 'catch-up: ok'],
    ...['takeover: ok', 'close: ok', '$disconnect: ok', 'large frame: ok', 'binary frame: ok', 'rest: ok'],
    ...['evidence: ok', 'CloudWatch: unchecked', 'idle line: unchecked', '429 of posts: unchecked'],
    'protection: unchecked',
  ]);
  // It leaves no store behind.
  expect(JSON.parse((await storecast(['stores', '--json'], file)).stdout)).toEqual({ items: [] });
});

test('where nothing answers there is nothing to walk through', async () => {
  const { cloud } = await bootCloud();
  const file = fileOf('stopped.json', JSON.stringify({ Storecast: cloud.outputs }));
  const { port } = new URL(cloud.outputs.AwsEndpointUrl ?? '');
  await cloud.stop();
  const { exitCode, stdout } = await storecast(['doctor', '--deployed', '--port', port, '--json'], file);
  expect(exitCode).toBe(1);
  const { items } = JSON.parse(stdout) as { items: Finding[] };
  expect(items.at(-1)).toMatchObject({ check: 'walk', status: 'failed' });
});

/** Each check with a store of its own, side by side: most of them wait in vain. */
async function details(
  outputs: Record<string, string>,
  checks: Record<string, (probe: Probe) => Promise<Finding>>,
): Promise<Record<string, string>> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const { detail, status } = await check(await newProbe(new Target(outputs)));
      return [name, `${status}: ${detail}`];
    }),
  );
  return Object.fromEntries(found);
}

test('what is lost, and a line that goes on where it must end, fail each by what is missing', async () => {
  const { cloud } = await bootCloud({
    faults: { post: () => 'lose', disconnect: () => 'lose' },
    limits: { ...awsLimits, frameBytes: awsLimits.messageBytes },
  });
  const { outputs } = cloud;
  const found = await details(outputs, {
    post: checkPost,
    takeover: checkTakeover,
    disconnect: checkDisconnect,
    large: checkLargeFrame,
    close: probe => {
      vi.spyOn(probe.target.api, 'call').mockResolvedValue(undefined);
      return checkClose(probe);
    },
  });
  expect(found).toEqual({
    post: expect.stringMatching(/^failed: update doctor-[-0-9a-f]+ did not come$/),
    takeover: 'failed: the frame that it is replaced did not come',
    disconnect: 'failed: not within 20 s: the store is off the registry',
    large: 'failed: the line was still open after 20 s',
    close: 'failed: the line was still open after 20 s',
  });
});

test('an answer that is no acceptance fails at once', async () => {
  const failing: Record<string, string> = { Inbox: 'PutItem', Sales: 'UpdateItem' };
  const { cloud } = await bootCloud({
    faults: {
      table: (operation, name) =>
        Object.entries(failing).some(([table, failed]) => name.includes(table) && operation === failed)
          ? 'error'
          : undefined,
    },
  });
  expect(await details(cloud.outputs, { receipt: checkReceipt, sale: checkSale })).toEqual({
    receipt: expect.stringContaining('failed: applied.accepted was expected, and came {"type":"error"'),
    sale: expect.stringContaining('failed: sales.accepted was expected, and came {"type":"error"'),
  });
});

test('an authorizer that wants its identity sources is found out by the sub-protocol', async () => {
  const { cloud } = await bootCloud({ assemblyDirectory: demandingAssembly() });
  expect(await details(cloud.outputs, { handshake: checkSubprotocol, post: checkPost })).toEqual({
    handshake: 'failed: the handshake by sub-protocol is answered 401',
    post: expect.stringContaining('ok: a price is at its store'),
  });
});

/** As it is in CDK's own example. */
function demandingAssembly(): string {
  return editedAssembly(({ Resources }) => {
    for (const { Properties, Type } of Object.values(Resources))
      if (Type === 'AWS::ApiGatewayV2::Authorizer')
        Object.assign(Properties ?? {}, { IdentitySource: ['route.request.header.Authorization'] });
  });
}
