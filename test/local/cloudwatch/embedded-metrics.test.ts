/** What CloudWatch would take from the lines of a log. */
import { describe, expect, it } from 'vitest';
import { EmbeddedMetrics } from '../../../local/cloudwatch/embedded-metrics.ts';
import { prometheusText } from '../../../local/cloudwatch/prometheus.ts';

const directive = {
  Namespace: 'Shop',
  Dimensions: [['service']],
  Metrics: [{ Name: 'PostLag', Unit: 'Milliseconds' }],
};
const lineOf = (members: object, ...directives: unknown[]) =>
  JSON.stringify({
    ...members,
    service: 'till',
    _aws: { Timestamp: 1, CloudWatchMetrics: directives.length > 0 ? directives : [directive] },
  });

function taken(...lines: string[]) {
  const metrics = new EmbeddedMetrics();
  for (const line of lines) metrics.take(line);
  return metrics.statistics();
}

const one = { namespace: 'Shop', name: 'PostLag', dimensions: { service: 'till' }, unit: 'Milliseconds' };

describe('the lines of a log', () => {
  it('add up to statistics by metric and dimensions', () => {
    const lines = [5, 1, 3].map(value => lineOf({ PostLag: value }));
    expect(taken(...lines)).toEqual([{ ...one, sum: 9, count: 3, min: 1, max: 5, last: 3, p50: 3, p99: 5 }]);
  });

  it('may have many values of a metric', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(taken(lineOf({ PostLag: values }))).toMatchObject([{ count: 100, sum: 5_050, p50: 50, p99: 99 }]);
  });

  it('count for each set of dimensions, and apart for each of their values', () => {
    const sets = { ...directive, Dimensions: [[], ['service'], ['service', 'stage']] };
    const found = taken(
      ...['dev', 'prod'].map(stage => lineOf({ PostLag: 1, stage }, sets)),
      lineOf({ PostLag: 1, stage: 'dev' }, { ...sets, Namespace: 'Other' }),
    );
    expect(found.map(({ count, dimensions, namespace }) => [namespace, dimensions, count])).toEqual(
      expect.arrayContaining([
        ['Shop', {}, 2],
        ['Shop', { service: 'till' }, 2],
        ['Shop', { service: 'till', stage: 'dev' }, 1],
        ['Shop', { service: 'till', stage: 'prod' }, 1],
        ['Other', {}, 1],
      ]),
    );
  });

  it('have percentiles of the latest values, and all else of all', () => {
    const values = [9, ...Array.from({ length: 5_000 }, () => 1)];
    expect(taken(...values.map(value => lineOf({ PostLag: value })))).toMatchObject([
      { count: 5_001, max: 9, p99: 1 },
    ]);
  });

  it.each([
    ['plain text', 'Task timed out after 3.00 seconds'],
    ['text that speaks of _aws', 'a "_aws" in it'],
    ['JSON that is cut off', '{"_aws":{"CloudWatchMetrics":['],
    ['JSON without metadata', '{"a":"\\"_aws\\""}'],
    ['metadata of nothing', '{"_aws":null}'],
    ['directives that are none', '{"_aws":{"CloudWatchMetrics":{}}}'],
    ['a directive without dimensions', lineOf({ PostLag: 1 }, { ...directive, Dimensions: undefined })],
    ['a directive without metrics', lineOf({ PostLag: 1 }, { ...directive, Metrics: undefined })],
    ['a value that is not there', lineOf({})],
    ['a value that is no number', lineOf({ PostLag: '12' })],
  ])('%s is passed over', (_title, line) => {
    expect(taken(line)).toEqual([]);
  });
});

describe('as Prometheus’ text', () => {
  it('a metric is a summary, its last value and extremes gauges', () => {
    expect(prometheusText(taken(lineOf({ PostLag: [1, 5] })))).toBe(`# TYPE shop_post_lag_milliseconds summary
shop_post_lag_milliseconds{service="till",quantile="0.5"} 1
shop_post_lag_milliseconds{service="till",quantile="0.99"} 5
shop_post_lag_milliseconds_sum{service="till"} 6
shop_post_lag_milliseconds_count{service="till"} 2
# TYPE shop_post_lag_milliseconds_last gauge
shop_post_lag_milliseconds_last{service="till"} 5
# TYPE shop_post_lag_milliseconds_min gauge
shop_post_lag_milliseconds_min{service="till"} 1
# TYPE shop_post_lag_milliseconds_max gauge
shop_post_lag_milliseconds_max{service="till"} 5
`);
  });

  it('one of several dimensions has its type once, and awkward values are escaped', () => {
    const byStage = { ...directive, Dimensions: [['stage']] };
    const text = prometheusText(
      taken(...['a"b', 'c\\d'].map(stage => lineOf({ PostLag: 1, stage }, byStage))),
    );
    expect(text.match(/# TYPE shop_post_lag_milliseconds summary/g)).toHaveLength(1);
    expect(text).toContain('_count{stage="a\\"b"} 1\n');
    expect(text).toContain('_count{stage="c\\\\d"} 1\n');
  });
});
