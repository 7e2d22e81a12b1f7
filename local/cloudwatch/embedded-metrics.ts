/**
 * Gathers what functions measure in their logs, as CloudWatch does ("Specification: Embedded metric format"): from a
 * line that is one JSON object with `_aws`, a metric for each set of dimensions that it names. Since the start, and in
 * memory: people look at them, and nothing depends on them.
 */
import { Samples, type Statistics } from './samples.ts';

export interface MetricStatistics extends Statistics {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  unit: string;
}

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit?: string }[];
}

type Line = Record<string, unknown>;

interface Metric extends Omit<MetricStatistics, keyof Statistics> {
  samples: Samples;
}

export class EmbeddedMetrics {
  readonly #metrics = new Map<string, Metric>();

  /** A line of a function's log, whatever it is. */
  take(line: string): void {
    // Most lines are no such thing: they cost no parsing.
    if (!line.startsWith('{') || !line.includes('"_aws"')) return;
    const parsed = parse(line);
    for (const directive of directivesOf(parsed)) this.#takeDirective(directive, parsed);
  }

  /** By namespace, name and dimensions. */
  statistics(): MetricStatistics[] {
    return [...this.#metrics]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { samples, ...metric }]) => ({ ...metric, ...samples.statistics() }));
  }

  #takeDirective({ Dimensions, Metrics, Namespace: namespace }: Directive, line: Line): void {
    for (const { Name: name, Unit: unit = 'None' } of Metrics) {
      const values = [line[name]].flat().filter(value => typeof value === 'number');
      if (values.length === 0) continue;
      for (const set of Dimensions) {
        const dimensions = Object.fromEntries(set.map(dimension => [dimension, String(line[dimension])]));
        const samples = this.#samplesOf({ namespace, name, dimensions, unit });
        for (const value of values) samples.add(value);
      }
    }
  }

  #samplesOf(metric: Omit<Metric, 'samples'>): Samples {
    const key = JSON.stringify([metric.namespace, metric.name, metric.dimensions, metric.unit]);
    const known = this.#metrics.get(key) ?? { ...metric, samples: new Samples() };
    this.#metrics.set(key, known);
    return known.samples;
  }
}

/** What is not JSON is a line as any other. */
function parse(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Those that have what the specification requires; CloudWatch passes over the others as well. */
function directivesOf({ _aws }: Line): Directive[] {
  const { CloudWatchMetrics } = (_aws ?? {}) as { CloudWatchMetrics?: unknown };
  if (!Array.isArray(CloudWatchMetrics)) return [];
  return (CloudWatchMetrics as Partial<Directive>[]).filter(
    (directive): directive is Directive =>
      typeof directive.Namespace === 'string' &&
      Array.isArray(directive.Dimensions) &&
      directive.Dimensions.every(set => Array.isArray(set)) &&
      Array.isArray(directive.Metrics),
  );
}
