/** What Lambda bills: invocations that ran, by their time and their function's memory, and its own lines in the log. */
import { beforeEach, expect, it } from 'vitest';
import { countInvocation } from '../../../local/lambda/billed-invocation.ts';
import { createLambda } from '../lambda/lambda-fixture.ts';
import { CountedUsage } from './counted-usage.ts';

let usage: CountedUsage;
beforeEach(() => {
  usage = new CountedUsage();
});

it('counts the request, its time rounded up times the memory, and START, END and REPORT', () => {
  countInvocation(usage, { logsInvocations: true, memoryMegabytes: 512 }, 99.2);
  const { lambdaGigabyteSecond, lambdaRequest, logByte = 0 } = usage.taken();
  expect([lambdaRequest, lambdaGigabyteSecond]).toEqual([1, 0.05]);
  // Some 250 bytes, and 26 for each of three events.
  expect(logByte - 3 * 26).toBeGreaterThan(230);
  expect(logByte - 3 * 26).toBeLessThan(290);
});

it('counts no bytes of logs for a function whose SystemLogLevel is above theirs', () => {
  countInvocation(usage, { logsInvocations: false, memoryMegabytes: 512 }, 99.2);
  expect(usage.taken()).toEqual({ lambdaRequest: 1, lambdaGigabyteSecond: 0.05 });
});

it('bills the time of the handler, and with the first invocation that of the start', async () => {
  const code = `
    const until = performance.now() + 60;
    while (performance.now() < until);
    exports.handler = ({ ms }) => new Promise(resolve => setTimeout(resolve, ms));`;
  const { service } = createLambda({ fn: { code, memoryMegabytes: 1_024 } }, { usage });
  await service.invoke('fn', { ms: 1 });
  expect(usage.taken()).toMatchObject({ lambdaRequest: 1 });
  await service.invoke('fn', { ms: 1 });
  const warm = usage.taken().lambdaGigabyteSecond ?? 0;
  await service.invoke('fn', { ms: 300 });
  const slow = usage.taken().lambdaGigabyteSecond ?? 0;
  expect(slow).toBeGreaterThanOrEqual(0.29);
  expect(warm * 1_000).toBeCloseTo(Math.round(warm * 1_000), 9);
});

it('bills the start of an environment', async () => {
  const code = `
    const until = performance.now() + 60;
    while (performance.now() < until);
    exports.handler = async () => {};`;
  const { service } = createLambda({ fn: { code, memoryMegabytes: 1_024 } }, { usage });
  await service.invoke('fn', {});
  expect(usage.taken().lambdaGigabyteSecond).toBeGreaterThanOrEqual(0.06);
});

it('bills an invocation that fails', async () => {
  const code = `exports.handler = async () => { throw new Error('no'); };`;
  const { service } = createLambda({ fn: { code } }, { usage });
  await service.invoke('fn', {});
  expect(usage.taken().lambdaRequest).toBe(1);
});

it('bills none that is throttled', async () => {
  const code = 'exports.handler = async () => {};';
  const { service } = createLambda({ fn: { code, reservedConcurrency: 0 } }, { usage });
  expect(await service.invoke('fn', {})).toEqual({ throttled: true });
  expect(usage.taken()).toEqual({});
});
