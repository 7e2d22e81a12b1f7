/**
 * A disk that is full, for real: the cloud runs as a process whose files the system lets grow to 2 MB and no further.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { type Call, signedCall } from './signed-call.ts';
import { writeSmallAssembly } from './small-assembly.ts';

const PROGRAM = join(import.meta.dirname, 'killable-cloud.ts');
const BLOCKS_OF_A_KILOBYTE = 2_048;

/** Calls until it is not answered 200 or 202, and says how often it was, and what came then. */
async function untilRefused(
  endpoint: string,
  callOf: (turn: number) => Call,
): Promise<{ taken: number; text: string }> {
  for (let taken = 0; taken < 100; taken += 1) {
    const { status, text } = await signedCall(endpoint, callOf(taken));
    if (status >= 400) return { taken, text: `${status} ${text}` };
  }
  return { taken: 100, text: 'never refused' };
}

test('refuses with an error of AWS, goes on with the rest, and keeps what it took', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-full-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const assemblyDirectory = writeSmallAssembly(mkdtempSync(join(directory, 'assembly-')));
  const dataDirectory = join(directory, 'data');
  const limited = `ulimit -f ${BLOCKS_OF_A_KILOBYTE}; exec "$0" "$@"`;
  const child = spawn('bash', ['-c', limited, process.execPath, PROGRAM, assemblyDirectory, dataDirectory]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let complaints = '';
  child.stderr.on('data', chunk => (complaints += chunk));
  const [line] = await once(createInterface(child.stdout), 'line');
  const { AwsEndpointUrl: endpoint, OwnTable: TableName, OwnQueueUrl: QueueUrl } = JSON.parse(line);

  const text = 'x'.repeat(200_000);
  const rows = await untilRefused(endpoint, turn => ({
    target: 'DynamoDB_20120810.PutItem',
    body: JSON.stringify({ TableName, Item: { k: { S: String(turn) }, text: { S: text } } }),
  }));
  expect(rows.text).toMatch(/^500 .*InternalServerError/);
  const messages = await untilRefused(endpoint, () => ({
    target: 'AmazonSQS.SendMessage',
    body: JSON.stringify({ QueueUrl, MessageBody: text }),
  }));
  expect(messages.text).toMatch(/^500 /);
  const invocations = await untilRefused(endpoint, () => ({
    target: '',
    path: '/2015-03-31/functions/Small-Echo/invocations',
    headers: { 'x-amz-invocation-type': 'Event' },
    body: JSON.stringify({ text }),
  }));
  expect(invocations.text).toMatch(/^500 /);

  // Others are served, and the user reads what is full in sentences, not in stacks.
  expect((await fetch(new URL('/echo/x', endpoint))).status).toBe(200);
  const read = {
    target: 'DynamoDB_20120810.GetItem',
    body: JSON.stringify({ TableName, Key: { k: { S: '0' } } }),
  };
  expect((await signedCall(endpoint, read)).status).toBe(200);
  expect(complaints).toMatch(/dynamodb can't be used \(.*; the disk is full/);
  expect(complaints).toMatch(/queues\.db can't be used \(.*; the disk .*free some space/);
  expect(complaints).not.toMatch(/^\s+at /m);
  expect(child.exitCode).toBeNull();

  child.kill('SIGKILL');
  await once(child, 'exit');
  const cloud = await startLocalCloud({ assemblyDirectory, dataDirectory, port: 0 });
  onTestFinished(() => cloud.stop());
  const again = cloud.outputs.AwsEndpointUrl ?? '';
  const count = { target: 'DynamoDB_20120810.Scan', body: JSON.stringify({ TableName, Select: 'COUNT' }) };
  expect(JSON.parse((await signedCall(again, count)).text).Count).toBeGreaterThanOrEqual(
    Math.min(rows.taken, 5),
  );
  const attributes = {
    target: 'AmazonSQS.GetQueueAttributes',
    body: JSON.stringify({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  };
  const { Attributes } = JSON.parse((await signedCall(again, attributes)).text);
  expect(Number(Attributes.ApproximateNumberOfMessages)).toBe(messages.taken);
});
