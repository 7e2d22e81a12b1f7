/** docs/contracts is what the schemas in domain/ say, and each document is one of its format by that format's own tool. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { contractFiles } from '../../contracts/contract-files.ts';
import { operations } from '../../domain/protocol/http-api.ts';

const directory = join(import.meta.dirname, '..', '..', 'docs', 'contracts');
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.json'))
  .map(file => file.replaceAll('\\', '/'));
const read = (file: string) => readFileSync(join(directory, file), 'utf8');

it('are what `npm run contracts` writes', () => {
  const written = Object.fromEntries(files.map(file => [file, read(file)]));
  expect(written).toEqual(Object.fromEntries(contractFiles()));
});

it.each(files.filter(file => file.endsWith('.schema.json')))('%s is a JSON Schema of 2020-12', file => {
  expect(new Ajv2020({ strict: true }).compile(JSON.parse(read(file)))).toBeInstanceOf(Function);
});

it.each<[string, string]>([
  ['openapi.json', '3.1'],
  ...files.filter(file => file.startsWith('events/')).map((file): [string, string] => [file, '3.0']),
])('%s is an OpenAPI document of %s', async (file, version) => {
  const validator = new Validator();
  expect(await validator.validate(JSON.parse(read(file)))).toEqual({ valid: true });
  expect(validator.version).toBe(version);
});

describe('asyncapi.json', () => {
  it('is an AsyncAPI document, and its parser has nothing to say', async () => {
    const { document, diagnostics } = await new Parser().parse(read('asyncapi.json'));
    expect(diagnostics).toEqual([]);
    expect(document?.version()).toBe('3.1.0');
  });

  // It looks into no example: frames.test.ts does.
  it('is judged by a parser that finds what is wrong', async () => {
    const broken = JSON.parse(read('asyncapi.json'));
    broken.operations['store.sync'].action = 'fly';
    const { diagnostics } = await new Parser().parse(broken);
    expect(diagnostics.map(({ path }) => path.join('.'))).toContain('operations.store.sync.action');
  });
});

describe('openapi.json', () => {
  const { paths } = JSON.parse(read('openapi.json'));
  it.each(Object.entries(operations))('has %s with its query, and who may call it', (name, operation) => {
    const { method, path, query } = operation;
    const described = paths[path][method.toLowerCase()];
    expect(described).toMatchObject({ operationId: name, summary: expect.any(String) });
    const inQuery = described.parameters.filter((parameter: { in: string }) => parameter.in === 'query');
    expect(inQuery.map((parameter: { name: string }) => parameter.name)).toEqual(query);
    expect(described.security.length).toBeGreaterThan(0);
    expect(Object.keys(described.responses)).toEqual([String(operation.status), 'default']);
  });

  it('lets publishers alone publish, and managers read', () => {
    expect(paths['/updates'].post.security).toEqual([{ token: ['publisher'] }]);
    expect(paths['/updates'].get.security).toEqual([{ token: ['manager'] }, { token: ['publisher'] }]);
    expect(paths['/token'].post.security).toEqual([{ token: ['store'] }]);
  });
});
