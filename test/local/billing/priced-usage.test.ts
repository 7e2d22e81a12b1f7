import { expect, it } from 'vitest';
import { Meter } from '../../../local/billing/meter.ts';
import { billOf } from '../../../local/billing/priced-usage.ts';
import { answerBill } from '../../../local/edge/bill-route.ts';
import type { HttpRequest } from '../../../local/http.ts';

const START = Date.parse('2035-01-01T00:00:00Z');

function startMeter() {
  let now = START;
  const meter = new Meter({ now: () => now });
  const wait = (seconds: number) => {
    now += seconds * 1_000;
  };
  const item = (name: string) => billOf(meter).items.find(({ item }) => item === name);
  return { meter, wait, item };
}

it('prices what was counted, and a month at the same rate', () => {
  const { meter, wait, item } = startMeter();
  for (let message = 0; message < 3; message += 1) meter.add('message');
  meter.add('read', 0.5);
  wait(60);
  const bill = billOf(meter);
  expect(Object.keys(bill)).toEqual(['since', 'seconds', 'items', 'dollars', 'dollarsPerMonth']);
  expect(bill).toMatchObject({ since: '2035-01-01T00:00:00.000Z', seconds: 60 });
  expect(item('messages of 32 KB')).toEqual({
    item: 'messages of 32 KB',
    count: 3,
    dollars: expect.closeTo(3e-6, 12),
  });
  expect(item('read units')?.count).toBe(0.5);
  expect(bill.dollars).toBeCloseTo(3e-6 + 0.5 * 0.125e-6, 12);
  expect(bill.dollarsPerMonth).toBeCloseTo(bill.dollars * 43_830, 9);
});

it('counts by time while a rate lasts', () => {
  const { meter, wait, item } = startMeter();
  const minutes = () => item('connection minutes')?.count;
  meter.addRate('connectionMinute', 1);
  wait(90);
  meter.addRate('connectionMinute', 1);
  wait(30);
  expect(minutes()).toBeCloseTo(1.5 + 1, 9);
  meter.addRate('connectionMinute', -2);
  wait(600);
  expect(minutes()).toBeCloseTo(2.5, 9);
});

it('lists every item from the start, with nothing to pay', () => {
  const { meter } = startMeter();
  const bill = billOf(meter);
  expect(bill).toMatchObject({ seconds: 0, dollars: 0, dollarsPerMonth: 0 });
  expect(bill.items.map(({ item }) => item)).toEqual([
    ...['connection minutes', 'messages of 32 KB', 'HTTP requests', 'invocations', 'GB-seconds'],
    ...['write units', 'read units', 'events of 64 KB', 'queue requests', 'key requests', 'bytes of logs'],
    ...['bytes stored, a month each', 'bytes backed up, a month each', 'bytes sent'],
  ]);
});

const answer = (change: Partial<HttpRequest>) =>
  answerBill(
    {
      method: 'GET',
      path: '/_local/bill',
      query: '',
      headers: { host: '127.0.0.1:4566' },
      body: Buffer.alloc(0),
      sourceIp: '',
      ...change,
    },
    startMeter().meter,
  );

it('is answered to programs of this machine', () => {
  expect(answer({})).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
});

it('is not written to', () => {
  expect(answer({ method: 'POST' })).toMatchObject({ status: 403 });
});

it('leaves other paths to others', () => {
  expect(answer({ path: '/_local/bills' })).toBeUndefined();
});
