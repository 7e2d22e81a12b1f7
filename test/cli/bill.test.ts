/** What a local system would have cost, on the command line. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSystem } from '../contract/system.ts';
import { fileOf, spawnStorecast, storecast } from './storecast.ts';

const system = await openSystem();
const outputs = fileOf('outputs.json', JSON.stringify({ Storecast: system.outputs }));

describe('bill', () => {
  test('is a table of what was used, in all and a month at this rate', async () => {
    await system.publish('PriceChanged', { prices: [{ sku: '1', amount: 199, currency: 'EUR' }] });
    const { exitCode, stdout } = await storecast(['bill'], outputs);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^since 20\d\d-\S+Z \(\d+\.\d min\), at list prices of us-east-1/);
    expect(stdout).toMatch(/^ +count +\$ +\$ a month at this rate$/m);
    expect(stdout).toMatch(/^events of 64 KB +1 +0\.000001 +\d+\.\d\d$/m);
    expect(stdout).toMatch(/^in all +– +0\.\d{6} +\d+\.\d\d$/m);
  });

  test('as JSON is what the local cloud answers', async () => {
    const { stdout } = await storecast(['bill', '--json'], outputs);
    const bill = JSON.parse(stdout);
    expect(Object.keys(bill)).toEqual(['since', 'seconds', 'items', 'dollars', 'dollarsPerMonth']);
    expect(bill.items[0]).toEqual({
      item: 'connection minutes',
      count: expect.any(Number),
      dollars: expect.any(Number),
    });
  });

  test('is printed again until the user has seen enough', async () => {
    const child = spawnStorecast(['bill', '--watch', '--json'], outputs);
    onTestFinished(() => void child.kill('SIGKILL'));
    if (child.stdout === null) throw new Error('no pipe');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const seconds = async () => JSON.parse((await lines.next()).value ?? '').seconds as number;
    const first = await seconds();
    expect(await seconds()).toBeGreaterThan(first);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('is told where a deployed stack has it', async () => {
    const { AwsEndpointUrl: _, ...deployed } = system.outputs;
    const file = fileOf('deployed.json', JSON.stringify({ Storecast: deployed }));
    const { exitCode, stderr } = await storecast(['bill'], file);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('AWS Cost Explorer')]);
  });
});
