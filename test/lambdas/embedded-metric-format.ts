/**
 * A log line held against "Specification: Embedded metric format": the schema of its metadata, and that what it names is
 * there. CloudWatch drops a line that breaks it, without a word to its writer.
 */
import * as v from 'valibot';

/** "MetricDatum", the units that CloudWatch knows; those that are bytes or bits are left out. */
const Unit = v.picklist([
  'Seconds',
  'Microseconds',
  'Milliseconds',
  'Percent',
  'Count',
  'Count/Second',
  'None',
]);
const name = (longest: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(longest));
const Metadata = v.strictObject({
  Timestamp: v.pipe(v.number(), v.integer(), v.minValue(1)),
  CloudWatchMetrics: v.array(
    v.strictObject({
      Namespace: name(1_024),
      Dimensions: v.pipe(v.array(v.pipe(v.array(name(250)), v.maxLength(30))), v.minLength(1)),
      Metrics: v.pipe(v.array(v.strictObject({ Name: name(1_024), Unit })), v.maxLength(100)),
    }),
  ),
});
const Value = v.union([
  v.pipe(v.number(), v.finite()),
  v.pipe(v.array(v.pipe(v.number(), v.finite())), v.minLength(1), v.maxLength(100)),
]);
const Dimension = v.pipe(v.string(), v.minLength(1), v.maxLength(1_024));

export interface MeasuredLine {
  namespace: string;
  dimensions: Record<string, string>;
  /** Values by metric. */
  values: Record<string, number | number[]>;
  units: Record<string, string>;
}

/** What CloudWatch takes from a line. @throws Error if it takes nothing, or the line is none that the specification allows */
export function measuredIn(line: string): MeasuredLine {
  const root = JSON.parse(line) as Record<string, unknown>;
  const [directive, ...others] = v.parse(Metadata, root._aws).CloudWatchMetrics;
  const [set, ...moreSets] = directive?.Dimensions ?? [];
  if (directive === undefined || set === undefined || others.length + moreSets.length > 0)
    throw new Error(`one directive with one set of dimensions is wanted: ${line}`);
  return {
    namespace: directive.Namespace,
    dimensions: Object.fromEntries(set.map(dimension => [dimension, v.parse(Dimension, root[dimension])])),
    values: Object.fromEntries(directive.Metrics.map(({ Name }) => [Name, v.parse(Value, root[Name])])),
    units: Object.fromEntries(directive.Metrics.map(({ Name, Unit: unit }) => [Name, unit])),
  };
}
