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
import type { LocalCloudOptions } from '../../local/local-cloud.ts';
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
  const gone = {
    StoreEndpoint: 'ws://127.0.0.1:9/prod',
    ManagementUrl: 'http://127.0.0.1:9/',
    TokenKeyId: 'k',
  };
  const file = fileOf(
    'gone.json',
    JSON.stringify({ Storecast: { ...gone, AwsEndpointUrl: 'http://127.0.0.1:9' } }),
  );
  const { exitCode, stdout } = await storecast([
    'doctor',
    '--deployed',
    '--port',
    '4',
    '--outputs',
    file,
    '--json',
  ]);
  expect(exitCode).toBe(1);
  const { items } = JSON.parse(stdout) as { items: Finding[] };
  expect(items.at(-1)).toMatchObject({ check: 'walk', status: 'failed' });
});

const failsTable = (operation: string, table: string): Partial<LocalCloudOptions> => ({
  faults: {
    table: (given, name) => (given === operation && name.includes(table) ? 'error' : undefined),
  },
});
const losesPosts: Partial<LocalCloudOptions> = { faults: { post: () => 'lose' } };

test.each<[string, () => Partial<LocalCloudOptions>, (probe: Probe) => Promise<Finding>, string]>([
  [
    'an authorizer that wants its identity sources',
    () => ({ assemblyDirectory: demandingAssembly() }),
    checkSubprotocol,
    'the handshake by sub-protocol is answered 401',
  ],
  ['posts that are lost', () => losesPosts, checkPost, 'did not come'],
  [
    'older lines that are not told',
    () => losesPosts,
    checkTakeover,
    'the frame that it is replaced did not come',
  ],
  [
    'receipts that are not stored',
    () => failsTable('PutItem', 'Inbox'),
    checkReceipt,
    'applied.accepted was expected',
  ],
  [
    'sales that are not stored',
    () => failsTable('UpdateItem', 'Sales'),
    checkSale,
    'sales.accepted was expected',
  ],
  [
    'a $disconnect that never comes',
    () => ({ faults: { disconnect: () => 'lose' } }),
    checkDisconnect,
    'off the registry',
  ],
  [
    'a gateway that takes larger frames',
    () => ({ limits: { ...awsLimits, frameBytes: awsLimits.messageBytes } }),
    checkLargeFrame,
    'the line was still open',
  ],
])('%s: it fails, and says what', async (_title, options, check, words) => {
  const { cloud } = await bootCloud(options());
  const probe = await newProbe(new Target(cloud.outputs), 2_000);
  expect(await check(probe)).toMatchObject({ status: 'failed', detail: expect.stringContaining(words) });
});

test('a line that can not be closed is found out', async () => {
  const { cloud } = await bootCloud();
  const target = new Target(cloud.outputs);
  vi.spyOn(target.api, 'call').mockResolvedValue(undefined);
  const probe = await newProbe(target, 2_000);
  expect(await checkClose(probe)).toMatchObject({
    status: 'failed',
    detail: 'the line was still open after 2 s',
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
