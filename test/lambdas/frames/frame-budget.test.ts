/** What a store may ask for: frames weigh what they read and write, and those that can't be parsed weigh, too. */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { handler as connect } from '../../../lambdas/connect.ts';
import { handler as answerFrame } from '../../../lambdas/default.ts';
import { MOST_REFUSALS, weightOf } from '../../../lambdas/frames/frame-budget.ts';
import { SYNCS_AT_ONCE } from '../../../lambdas/registry/store-limit.ts';
import { ringUp } from '../../domain/till.ts';
import { enterEnvironment, startAws, TABLES } from '../aws.ts';
import { captureLog, type TestLine, webSocketEvent } from '../events.ts';
import { unique } from '../updates.ts';

const aws = await startAws();
enterEnvironment(aws);
captureLog();
// A second holds still, or a slow machine would never send too much in it.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  aws.reset();
});

async function openLine(): Promise<TestLine & { storeId: string }> {
  const storeId = unique('s');
  const line = {
    storeId,
    identity: { role: 'store', storeId, region: undefined, groups: [] },
    connectionId: unique('c='),
    connectedAt: Date.now(),
  } as const;
  await connect(webSocketEvent({ ...line, identity: { ...line.identity, groups: [] } }));
  return { ...line, identity: { ...line.identity, groups: [] } };
}

async function send(line: TestLine, body: string | object) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { body: answer } = await answerFrame(webSocketEvent(line, { body: text }));
  return answer === undefined ? undefined : JSON.parse(answer);
}

/** The codes of the answers to many such frames. */
async function codes(line: TestLine, many: number, body: string | object): Promise<Map<string, number>> {
  const counted = new Map<string, number>();
  for (let sent = 0; sent < many; sent += 1) {
    const { code, type } = (await send(line, body)) ?? {};
    counted.set(code ?? type, (counted.get(code ?? type) ?? 0) + 1);
  }
  return counted;
}

it('frames that are no JSON count, and are refused by name at last', async () => {
  const line = await openLine();
  expect(await codes(line, 230, '{')).toEqual(
    new Map([
      ['invalid_json', 200],
      ['rate_limited', 30],
    ]),
  );
  expect(await send(line, { action: 'ping', requestId: 'r' })).toMatchObject({
    code: 'rate_limited',
    requestId: 'r',
  });
});

it('syncs are a few at once, and then one a second', async () => {
  const line = await openLine();
  const frame = { action: 'sync' };
  for (let second = 0; second < 4; second += 1) {
    await codes(line, SYNCS_AT_ONCE / 4, frame);
    vi.advanceTimersByTime(1_000);
  }
  expect((await codes(line, 20, frame)).get('synced')).toBeLessThanOrEqual(4);
});

it('a line that is refused again and again is closed', async () => {
  const line = await openLine();
  await codes(line, 200 + MOST_REFUSALS - 1, '{');
  expect(aws.closed).toEqual([]);
  await send(line, '{');
  expect(aws.closed).toEqual([line.connectionId]);
});

it('sales that write a full minute again weigh what that takes, for some time', async () => {
  const line = await openLine();
  const soldAt = new Date(Date.now() - 120_000).toISOString();
  await send(line, { action: 'sales', sales: [ringUp('1', { soldAt })] });
  // The minute as it is when it is nearly full.
  const minute = `${soldAt.slice(0, 16)}Z`;
  const { Item = {} } = await minuteItem(line.storeId, minute);
  await aws.dynamodb.send(
    new PutItemCommand({ TableName: TABLES.sales, Item: { ...Item, filler: { S: 'x'.repeat(350_000) } } }),
  );
  const frame = (id: number) => ({ action: 'sales', sales: [ringUp(`late-${id}`, { soldAt })] });
  const answers: string[] = [];
  for (let id = 0; id < 30; id += 1) {
    const { code, type } = await send(line, frame(id));
    answers.push(code ?? type);
  }
  expect(answers.filter(answer => answer === 'sales.accepted').length).toBeLessThan(10);
  expect(answers.at(-1)).toBe('rate_limited');
});

it('a frame is charged by its shape: sales by the minutes that they touch', () => {
  const sales = (minutes: number) =>
    Array.from({ length: 50 }, (_, index) =>
      ringUp(String(index), {
        soldAt: new Date(Date.UTC(2026, 10, 1, 8, index % minutes)).toISOString(),
      }),
    );
  const weight = (minutes: number) =>
    weightOf({ action: 'sales', requestId: undefined, sales: sales(minutes) });
  expect(weight(50)).toBeGreaterThan(3 * weight(5));
});

async function minuteItem(storeId: string, minute: string) {
  return aws.dynamodb.send(
    new GetItemCommand({ TableName: TABLES.sales, Key: { k: { S: storeId }, m: { S: minute } } }),
  );
}
