/** The tables of the synthesized stack, without throttles, and how many units were drawn: a part of the benchmark. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAssembly } from '../../local/assembly/assembly.ts';
import { functionDefinitions, tableDefinitions } from '../../local/assembly/definitions.ts';
import { Stack } from '../../local/assembly/stack.ts';
import { Meter } from '../../local/billing/meter.ts';
import { TableService } from '../../local/dynamodb/table-service.ts';
import { answerQuestions } from '../processes.ts';

/** What was drawn since the start. */
export interface Drawn {
  reads: number;
  writes: number;
}

export interface Opened {
  endpoint: string;
  /** Of all functions together. */
  environment: Record<string, string>;
}

const [assemblyDirectory = ''] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const [account, region] = ['000000000000', 'us-east-1'];
const naming = { account, region, nameOf: (id: string) => id, randomIdOf: (id: string) => id, endpoint: '' };
const stack = new Stack(readAssembly(assemblyDirectory), naming);
const now = Date.now;
const usage = new Meter({ now });
const unlimited = { rate: Number.MAX_SAFE_INTEGER, burst: Number.MAX_SAFE_INTEGER };
const limits = { partitionReads: unlimited, partitionWrites: unlimited };
const capacity = { usage, limits, now, tablesArn: `arn:aws:dynamodb:${region}:${account}:table/` };
// Nobody reads the streams here.
const definitions = tableDefinitions(stack).map(({ stream: _, ...table }) => table);
const tables = TableService.open(directory, definitions, { region, now, capacity });

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const asked = { method: 'POST', path: '/', query: '', sourceIp: '127.0.0.1' };
  const answer = await (await tables).handle({ ...asked, headers, body: Buffer.concat(chunks) });
  response.writeHead(answer.status, answer.headers).end(answer.body);
});

answerQuestions(async (question: 'open' | 'drawn'): Promise<Opened | Drawn> => {
  if (question === 'drawn') return { reads: usage.count('read'), writes: usage.count('write') };
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const environments = functionDefinitions(stack).map(({ environment }) => environment);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    environment: Object.assign({}, ...environments),
  };
});
