/** The packages in projects that have nothing else, on every Node that they are for. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeSystem, type System, unique } from '../contract/system.ts';
import { openBrowser, openPage } from '../page/browser/browser.ts';
import {
  directoryForAll,
  execute,
  installInto,
  installNodes,
  linkInto,
  type NodeLine,
  type PackageFolder,
  packageFolders,
  packPackages,
  start,
} from './packed.ts';

const root = join(import.meta.dirname, '..', '..');
const browser = await openBrowser();
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const directory = directoryForAll();
const projects: Readonly<Record<PackageFolder, string>> = {
  client: join(directory, 'till'),
  'local-cloud': join(directory, 'cloud'),
  storecast: join(directory, 'chain'),
};
const assembly = join(projects.storecast, 'cdk.out');
let nodes: Readonly<Record<NodeLine, string>>;

const CLOUD = `
import { startLocalCloud } from '@storecast/local-cloud';
const [assemblyDirectory, dataDirectory] = process.argv.slice(2);
const cloud = await startLocalCloud({ assemblyDirectory, dataDirectory, port: 0 });
console.log('outputs ' + JSON.stringify(cloud.outputs));
process.once('SIGTERM', () => cloud.stop());
`;

beforeAll(async () => {
  const { tarballs } = await packPackages(directory);
  cpSync(join(root, 'examples', 'till-node'), projects.client, { recursive: true });
  [nodes] = await Promise.all([
    installNodes(join(directory, 'nodes')),
    ...packageFolders.map(folder => installInto(projects[folder], tarballs[folder])),
  ]);
  for (const file of ['cdk.json', 'chain-app.js', 'price-engine']) {
    cpSync(join(root, 'examples', 'chain-app', file), join(projects.storecast, file), { recursive: true });
  }
  linkInto(projects.storecast, 'aws-cdk-lib', 'constructs');
  writeFileSync(join(projects['local-cloud'], 'cloud.js'), CLOUD);
  // As a person types it, on the oldest Node, in a project without esbuild.
  await execute('cdk', ['synth', '--quiet'], { cwd: projects.storecast, node: nodes['20.19'] });
});

/** The packed local cloud on the assembly of the chain's own app, by a relative path as people give it; it ends with the test. */
async function startCloud(line: NodeLine): Promise<System> {
  const cloud = start(
    nodes[line],
    ['cloud.js', relative(projects['local-cloud'], assembly), join(directory, unique('data'))],
    {
      cwd: projects['local-cloud'],
    },
  );
  const outputs = JSON.parse((await cloud.said(/^outputs /)).slice('outputs '.length));
  const system = describeSystem(outputs);
  onTestFinished(() => {
    for (const client of Object.values(system.clients)) client.destroy();
  });
  return system;
}

const price = { prices: [{ sku: '4006381333931', amount: 199, currency: 'EUR' }] };

it('the example of a warehouse, an ERP and a webhook is synthesized beside the packed construct', async () => {
  cpSync(join(root, 'examples', 'integrations'), join(projects.storecast, 'integrations'), {
    recursive: true,
  });
  const cwd = join(projects.storecast, 'integrations');
  await execute('cdk', ['synth', '--quiet'], { cwd, node: nodes['20.19'] });
  const template = readFileSync(join(cwd, 'cdk.out', 'Chain.template.json'), 'utf8');
  for (const type of ['SalesRecorded', 'StoreMessage', 'StoreConnected']) expect(template).toContain(type);
});

it.each<[till: NodeLine, cloud: NodeLine]>([
  ['20.19', '24'],
  ['22', '22'],
  ['24', '24'],
])(
  'a price reaches the example of a till on Node %s, and its sale the chain, by a local cloud on Node %s',
  async (line, cloud) => {
    const system = await startCloud(cloud);
    const storeId = unique('store');
    const till = start(nodes[line], ['till.js'], {
      cwd: projects.client,
      env: {
        STORECAST_ENDPOINT: system.storeEndpoint,
        STORECAST_TOKEN: await system.mintToken({ role: 'store', storeId, region: 'north', groups: [] }),
        STORECAST_MANAGEMENT_URL: system.managementUrl,
      },
    });
    const updateId = await system.publish('PriceChanged', price);
    await till.said(new RegExp(`applied ${updateId}`));
    till.tell({ ask: { quote: [{ sku: '4006381333931', quantity: 1 }] } });
    const { quote } = JSON.parse(await till.said(/^{"quote":/));
    expect(quote).toMatchObject({ total: 199, currency: 'EUR' });
    const { lines, total, currency } = quote;
    till.tell({ sell: { saleId: unique('sale'), soldAt: new Date().toISOString(), currency, total, lines } });
    const sales = async () => (await system.request('GET', `stores/${storeId}/sales`)).json();
    await expect.poll(sales, { timeout: 20_000 }).toMatchObject({ items: [{ total: 199, currency: 'EUR' }] });
  },
);

it.each<NodeLine>(['20.19', '22', '24'])(
  'the client’s book quotes the baskets of the vectors on Node %s',
  async line => {
    cpSync(join(import.meta.dirname, 'uses', 'quote-vectors.js'), join(projects.client, 'quote-vectors.js'));
    const vectors = join(root, 'docs', 'vectors', 'quote.json');
    const said = await execute(nodes[line], ['quote-vectors.js', vectors], { cwd: projects.client });
    expect(said.trim()).toMatch(/^\d+ baskets cost what is expected$/);
  },
);

const front: Readonly<Record<PackageFolder, [name: string, exported: string]>> = {
  client: ['@storecast/client', 'createStoreClient'],
  'local-cloud': ['@storecast/local-cloud', 'startLocalCloud'],
  storecast: ['storecast', 'Storecast'],
};

describe.each(packageFolders)('%s', folder => {
  const [name, exported] = front[folder];

  it.each<NodeLine>(['20.19', '22', '24'])('is imported and required on Node %s', async line => {
    const script = `const required = require('${name}');
      import('${name}').then(imported => console.log(typeof imported.${exported}, imported.${exported} === required.${exported}))`;
    const said = await execute(nodes[line], ['-e', script], { cwd: projects[folder] });
    expect(said.trim()).toBe('function true');
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('passes a strict compiler with module %s and resolution %s', async (module, resolution) => {
    const file = `use-${resolution}.ts`;
    cpSync(join(import.meta.dirname, 'uses', `use-${folder}.ts`), join(projects[folder], file));
    const options = ['--ignoreConfig', '--strict', '--noEmit', '--target', 'esnext', '--types', ''];
    const how = ['--module', module, '--moduleResolution', resolution];
    // The CDK's own declarations are checked by those who write them.
    const lenience = folder === 'storecast' ? ['--skipLibCheck'] : [];
    await execute('tsc', [...options, ...how, ...lenience, file], { cwd: projects[folder] });
  });
});

it('the local cloud says what it needs on a Node without SQLite', async () => {
  const running = execute(nodes['20.19'], ['cloud.js', assembly, 'data'], { cwd: projects['local-cloud'] });
  await expect(running).rejects.toThrow('the local cloud needs SQLite, which Node has from 22.13 on');
});

it('the client keeps a book in a browser', async () => {
  const system = await startCloud('24');
  const { outputFiles } = await build({
    stdin: {
      contents: readFileSync(join(import.meta.dirname, 'uses', 'browser-till.js'), 'utf8'),
      resolveDir: projects.client,
    },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
  });
  const token = await system.mintToken({
    role: 'store',
    storeId: unique('store'),
    region: 'north',
    groups: [],
  });
  const updateId = await system.publish('PriceChanged', price);
  // A page of the very host that it connects to: other origins would have to be allowed.
  const page = await openPage(browser, `${system.managementUrl}assets/none`, { expected: /404/ });
  await page.evaluate(`${outputFiles[0]?.text}; window.till('${system.storeEndpoint}', '${token}')`);
  await page.waitForFunction('window.book?.amount === 199');
  expect(await page.evaluate('window.book.updateId')).toBe(updateId);
});

describe('the command', () => {
  const command = (line: NodeLine, ...options: string[]) =>
    execute(nodes[line], [join('node_modules', 'storecast', 'command.js'), ...options], {
      cwd: projects.storecast,
    });

  it('starts the whole system, without the repository', async () => {
    const options = ['start', '--stores', '1', '--port', '0', '--data', join(directory, unique('data'))];
    const running = start(nodes['22'], [join('node_modules', 'storecast', 'command.js'), ...options], {
      cwd: projects.storecast,
    });
    await running.said(/synthesized and booted Storecast \(\d+ functions/);
    await running.said(/^ready/);
    running.process.kill('SIGTERM');
    const code = await new Promise(resolve => running.process.on('exit', resolve));
    expect(code).toBe(0);
  });

  it('signs a token of the chain’s own stack', async () => {
    const system = await startCloud('24');
    const file = join(directory, 'outputs.json');
    writeFileSync(file, JSON.stringify({ Chain: system.outputs }));
    const token = await command('24', '--outputs', file, 'token', 'store', '0417');
    expect(token.trim().split('.')).toHaveLength(3);
  });

  it('says which Node it needs on an older one', async () => {
    await expect(command('20.19', 'stores')).rejects.toThrow('the command needs Node 22.13 or newer');
  });
});
