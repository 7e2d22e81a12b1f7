import { expect, it } from 'vitest';
import { Environment } from '../../../domain/names.ts';
import { GatheredMetrics } from '../../../lambdas/aws/gathered-metrics.ts';
import { captureLog } from '../events.ts';

const MINUTE_MS = 60_000;
process.env[Environment.stage] = 'test';
const logged = captureLog();

it('loses no value where more come than one line carries', () => {
  const metrics = new GatheredMetrics('reports');
  const lags = Array.from({ length: 257 }, (_, index) => index);
  for (let at = 0; at < lags.length; at += 9) metrics.add({ AppliedLag: lags.slice(at, at + 9) }, MINUTE_MS);
  metrics.tick(2 * MINUTE_MS);
  const written = logged.map(line => (JSON.parse(line) as { AppliedLag: number[] }).AppliedLag);
  expect(written.flat()).toEqual(lags);
  expect(written.map(values => values.length)).toEqual([99, 99, 59]);
});
