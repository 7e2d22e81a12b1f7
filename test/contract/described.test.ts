/** The HTTP API serves its own description, and answers as that says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { connectStore } from './store.ts';
import { openSystem } from './system.ts';

const system = await openSystem();
const contract = join(import.meta.dirname, '..', '..', 'docs', 'contracts', 'openapi.json');
const document = JSON.parse(readFileSync(contract, 'utf8'));
const ajv = new Ajv2020({ strict: false }).addSchema(document, 'openapi.json');

/** What a schema of the document has against a value. */
function faultsOf(pointer: string, value: unknown): string {
  const validate = ajv.compile({ $ref: `openapi.json#${pointer}` });
  return validate(value) ? '' : ajv.errorsText(validate.errors);
}

test('the description is there for anybody, as it is among the contracts', async () => {
  const response = await system.request('GET', 'openapi.json', { token: undefined });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual(document);
});

test('what is asked is answered as described', async () => {
  const store = await connectStore(system, { region: 'north', groups: ['city'] });
  const sale = {
    saleId: '1',
    till: '3',
    sequence: 1,
    soldAt: new Date().toISOString(),
    currency: 'EUR',
    total: 1,
  };
  store.send({ action: 'sales', sales: [{ ...sale, lines: [{ sku: 'A', quantity: 1, unitPrice: 1 }] }] });
  expect(await store.answer()).toMatchObject({ saleIds: ['1'] });
  const updateId = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
    audience: { regions: ['north'] },
  });
  await store.update(updateId);
  const day = sale.soldAt.slice(0, 10);
  const asked = {
    '/stores': 'stores',
    '/stores/{id}': `stores/${store.storeId}`,
    '/stores/{id}/sales': `stores/${store.storeId}/sales`,
    '/stores/{id}/sales/gaps': `stores/${store.storeId}/sales/gaps?businessDay=${day}`,
    '/sales/totals': 'sales/totals?by=sku',
    '/updates': 'updates',
    '/updates/{id}': `updates/${updateId}`,
    '/updates/{id}/delivery': `updates/${updateId}/delivery`,
    '/updates/{id}/evidence': `updates/${updateId}/evidence`,
  };
  const got: Record<string, string> = {};
  for (const [path, address] of Object.entries(asked)) {
    const response = await system.request('GET', address);
    expect([path, response.status]).toEqual([path, 200]);
    const { content } = document.paths[path].get.responses[200];
    const { $ref } = content[response.headers.get('content-type') ?? ''].schema;
    got[path] = faultsOf($ref.slice(1), await response.json());
  }
  expect(got).toEqual(Object.fromEntries(Object.keys(asked).map(path => [path, ''])));
});

test('a refusal is the problem that is described', async () => {
  const response = await system.request('GET', 'stores?colour=red');
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(faultsOf('/components/schemas/Problem', await response.json())).toBe('');
});
