/** Metrics in Prometheus' text format: each a summary, its last value and extremes as gauges beside it. */
import type { MetricStatistics } from './embedded-metrics.ts';

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function prometheusText(metrics: readonly MetricStatistics[]): string {
  const families = Map.groupBy(metrics, familyOf);
  return [...families].map(([family, members]) => familyText(family, members)).join('');
}

function familyText(family: string, members: readonly MetricStatistics[]): string {
  const summaries = members.flatMap(({ count, dimensions, p50, p99, sum }) => [
    sample(family, { ...dimensions, quantile: '0.5' }, p50),
    sample(family, { ...dimensions, quantile: '0.99' }, p99),
    sample(`${family}_sum`, dimensions, sum),
    sample(`${family}_count`, dimensions, count),
  ]);
  const gauges = (['last', 'min', 'max'] as const).flatMap(gauge => [
    `# TYPE ${family}_${gauge} gauge`,
    ...members.map(member => sample(`${family}_${gauge}`, member.dimensions, member[gauge])),
  ]);
  return [`# TYPE ${family} summary`, ...summaries, ...gauges, ''].join('\n');
}

/** `Storecast`, `FanOutLag`, `Milliseconds` → `storecast_fan_out_lag_milliseconds` */
function familyOf({ name, namespace, unit }: MetricStatistics): string {
  const parts = [namespace, name, ...(unit === 'None' ? [] : [unit])];
  return parts
    .map(part => part.replace(/(?<=[a-z\d])(?=[A-Z])/g, '_').replace(/\W+/g, '_'))
    .join('_')
    .toLowerCase()
    .replace(/^(?=\d)/, '_');
}

function sample(name: string, labels: Record<string, string>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label.replace(/\W/g, '_')}=${quoted(text)}`);
  return `${name}{${pairs.join(',')}} ${value}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
