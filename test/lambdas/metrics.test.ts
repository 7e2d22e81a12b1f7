/** What the handlers measure: in their log lines, one an event, as CloudWatch reads them. */
import type { EventBridgeEvent, SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricUnits } from '../../domain/metrics.ts';
import { Environment } from '../../domain/names.ts';
import { log } from '../../lambdas/aws/log.ts';
import { embedded } from '../../lambdas/aws/metric-lines.ts';
import { handler as broadcast } from '../../lambdas/broadcast.ts';
import { handler as connect } from '../../lambdas/connect.ts';
import { handler as answerFrame } from '../../lambdas/default.ts';
import { handler as disconnect } from '../../lambdas/disconnect.ts';
import { handler as gauge } from '../../lambdas/gauge.ts';
import { handler as redeliver } from '../../lambdas/redeliver.ts';
import { ringUp } from '../domain/till.ts';
import { enterEnvironment, startAws } from './aws.ts';
import { type MeasuredLine, measuredIn } from './embedded-metric-format.ts';
import { captureLog, contextWith, type TestLine, webSocketEvent } from './events.ts';
import { unique } from './updates.ts';

const aws = await startAws();
enterEnvironment(aws);
const logged = captureLog();
beforeEach(() => {
  logged.length = 0;
});
afterEach(() => aws.reset());

const newLine = (region = unique('r')): TestLine => ({
  identity: { role: 'store', storeId: unique('s'), region, groups: [] },
  connectionId: unique('c='),
  connectedAt: Date.now() - 1_000,
});

async function frame(line: TestLine, body: object) {
  const { body: answer = '' } = await answerFrame(webSocketEvent(line, { body: JSON.stringify(body) }));
  return JSON.parse(answer);
}

async function publish(region: string, updateId = unique('u')): Promise<string> {
  const detail = {
    updateId,
    prices: [{ sku: 'A', amount: 1, currency: 'EUR' }],
    audience: { regions: [region] },
  };
  const event = { id: unique('e'), 'detail-type': 'PriceChanged', detail, source: 'marketing' };
  await broadcast(event as unknown as EventBridgeEvent<string, unknown>, contextWith(60_000));
  return updateId;
}

/** The log lines with this message. */
const linesOf = (message: string) =>
  logged.filter(line => (JSON.parse(line) as { message: string }).message === message);

function onlyLine(message: string): MeasuredLine & { fields: Record<string, unknown> } {
  const [line = '{}', ...others] = linesOf(message);
  expect(others).toEqual([]);
  return { ...measuredIn(line), fields: JSON.parse(line) };
}

describe('a log line with metrics', () => {
  it('is one line of JSON that the specification allows, by service and stage alone', () => {
    log.info('measured', { storeId: '0417' }, { AppliedLag: [12, 15], SalesRefused: 0 });
    expect(logged).toHaveLength(1);
    expect(logged[0]?.match(/\n/g)).toHaveLength(1);
    expect(measuredIn(logged[0] ?? '')).toEqual({
      namespace: 'Storecast',
      dimensions: { service: 'storecast', stage: 'test' },
      values: { AppliedLag: [12, 15], SalesRefused: 0 },
      units: { AppliedLag: 'Milliseconds', SalesRefused: 'Count' },
    });
  });

  it.each(Object.keys(metricUnits))('may measure %s', name => {
    const line = JSON.stringify(embedded({ [name]: 1 }, Date.now()));
    expect(measuredIn(line).values).toEqual({ [name]: 1 });
  });

  it.each([{}, { FanOutLag: undefined }, { AppliedLag: [] }])('is a plain one if %o is all', metrics => {
    log.info('nothing', {}, metrics);
    expect(Object.keys(JSON.parse(logged[0] ?? ''))).toEqual(['level', 'message', 'timestamp']);
  });

  it('names the variable that the stack forgot', () => {
    const stage = process.env[Environment.stage];
    delete process.env[Environment.stage];
    expect(() => embedded({ Posts: 1 }, 1)).toThrow('STAGE is not set');
    process.env[Environment.stage] = stage;
  });
});

it('a frame of sales is one line, with what was accepted and what was refused', async () => {
  const line = newLine();
  const soldAt = new Date().toISOString();
  const sales = [ringUp('1', { soldAt }), ringUp('2', { soldAt }), ringUp('3', { soldAt, total: -1 })];
  await frame(line, { action: 'sales', sales });
  expect(logged).toHaveLength(1);
  const { fields, values } = onlyLine('sales');
  expect(values).toEqual({ SalesAccepted: 2, SalesRefused: 1 });
  expect(fields).not.toHaveProperty('saleIds');
});

it('a line is counted as it opens and as it closes', async () => {
  const line = newLine();
  await connect(webSocketEvent(line));
  await disconnect(webSocketEvent(line));
  expect(onlyLine('line opened').values).toEqual({ LinesOpened: 1 });
  expect(onlyLine('line closed').values).toEqual({ LinesClosed: 1 });
});

it('the stores on the line are a figure of their own', async () => {
  const [first, second] = [newLine(), newLine()];
  const connected = async () => {
    logged.length = 0;
    await gauge();
    return onlyLine('stores counted').values.Connected;
  };
  const before = Number(await connected());
  await connect(webSocketEvent(first));
  await connect(webSocketEvent(second));
  expect(await connected()).toBe(before + 2);
  await disconnect(webSocketEvent(first));
  expect(await connected()).toBe(before + 1);
});

describe('a broadcast', () => {
  it('counts what became of its posts, and how late the last one was', async () => {
    const lines = [newLine('north'), newLine('north'), newLine('north')];
    for (const line of lines) await connect(webSocketEvent(line));
    let refusals = 0;
    aws.statusOf = connectionId => {
      if (connectionId === lines[0]?.connectionId) return 410;
      if (connectionId !== lines[1]?.connectionId || refusals > 1) return 200;
      refusals += 1;
      return 429;
    };
    const updateId = await publish('north');
    const { fields, values } = onlyLine('broadcast');
    expect(values).toEqual({ FanOutLag: expect.any(Number), Posts: 2, Gone: 1, Failed: 0, Throttled: 2 });
    expect(values.FanOutLag).toBeGreaterThanOrEqual(0);
    expect(fields).toMatchObject({ updateId, eventId: expect.stringMatching(/^e/) });
  });

  it('has no lag if it was posted to nobody', async () => {
    await publish(unique('r'));
    expect(onlyLine('broadcast').values).toEqual({ Posts: 0, Gone: 0, Failed: 0, Throttled: 0 });
  });

  it('counts its second attempts under the same names, without their lag', async () => {
    const updateId = await publish('nowhere');
    const member = { shard: 0, member: 'store#x', connectionId: unique('c=') };
    const body = JSON.stringify({ updateId, members: [member] });
    await redeliver({ Records: [{ messageId: 'm', body }] } as unknown as SQSEvent, contextWith(60_000));
    const { fields, values } = onlyLine('redelivered');
    expect(values).toEqual({ Posts: 1, Gone: 0, Failed: 0, Throttled: 0 });
    expect(fields).toMatchObject({ updateId });
  });

  it('names the update of a message that could not be redelivered', async () => {
    const body = JSON.stringify({ updateId: 'unknown', members: [] });
    await redeliver({ Records: [{ messageId: 'm', body }] } as unknown as SQSEvent, contextWith(60_000));
    expect(JSON.parse(linesOf('a message could not be redelivered')[0] ?? '{}').updateId).toBe('unknown');
  });
});

describe('a receipt', () => {
  const applied = (line: TestLine, ...ids: string[]) => {
    const appliedAt = new Date().toISOString();
    return frame(line, { action: 'applied', updates: ids.map(id => ({ id, appliedAt })) });
  };

  it('says how long after publishing it came, and of which updates it is', async () => {
    const line = newLine('nowhere');
    const ids = [await publish('nowhere'), await publish('nowhere')];
    await applied(line, ...ids);
    const { fields, values } = onlyLine('receipts');
    expect(values.AppliedLag).toHaveLength(2);
    for (const lag of [values.AppliedLag].flat()) expect(lag).toBeGreaterThanOrEqual(0);
    expect(fields).toMatchObject({ updateIds: ids, rejected: 0 });
  });

  it('reads when an update was published once for all its stores', async () => {
    const id = await publish('nowhere');
    await applied(newLine('nowhere'), id);
    let reads = 0;
    aws.faultOf = operation => {
      if (operation === 'GetItem') reads += 1;
      return undefined;
    };
    await applied(newLine('nowhere'), id);
    // The roster alone: whether the store's token still holds.
    expect(reads).toBe(1);
    expect(linesOf('receipts').map(line => Object.keys(measuredIn(line).values))).toEqual([
      ['AppliedLag'],
      ['AppliedLag'],
    ]);
  });

  it.each<[string, () => Promise<string[]>]>([
    ['of an update that nobody published', async () => ['unknown']],
    [
      'of more than ten updates, which says how long its store was away',
      async () => Promise.all(Array.from({ length: 11 }, () => publish('nowhere'))),
    ],
  ])('%s is not measured', async (_title, idsOf) => {
    const ids = await idsOf();
    expect(await applied(newLine('nowhere'), ...ids)).toMatchObject({ type: 'applied.accepted', ids });
    expect(JSON.parse(linesOf('receipts')[0] ?? '{}')).not.toHaveProperty('_aws');
  });
});
