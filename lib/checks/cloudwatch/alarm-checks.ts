/** An alarm or a graph of a metric that there is not, and a composite alarm that can't be read: CloudFormation sees only text. */

import {
  type Finding,
  listOf,
  type Properties,
  resourcesOf,
  show,
  type Template,
  textOf,
  valuesAt,
} from '../template.ts';
import { type MetricReference, metricProblems } from './aws-metrics.ts';

const alarmTypes = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];

export function alarms(template: Template): Finding[] {
  return [...metrics(template), ...composites(template)];
}

function metrics(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(({ logicalId, properties }) => {
    const inExpressions = valuesAt(properties, 'Metrics[].MetricStat.Metric') as Properties[];
    const watched = properties.MetricName === undefined ? inExpressions : [properties, ...inExpressions];
    return watched
      .flatMap(({ Namespace, MetricName, Dimensions }) => {
        const dimensions = listOf<Properties>(Dimensions).map(
          ({ Name, Value }) => [String(Name), Value] as const,
        );
        return metricProblems({ namespace: Namespace, name: MetricName, dimensions }, template);
      })
      .map(problem => ({ logicalId, at: 'Properties.Dimensions', problem }));
  });
}

/** "Creating a composite alarm": `ALARM("name or ARN")`, joined by AND, OR, NOT and brackets. */
function composites(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::CloudWatch::CompositeAlarm').flatMap(({ logicalId, properties }) => {
    const at = 'Properties.AlarmRule';
    const rule = textOf(properties.AlarmRule);
    const named = [...rule.matchAll(stateOf)].map(([, alarm = '']) => alarm);
    const unknown = named.filter(alarm => !isAlarm(alarm, template));
    const problems = unknown.map(alarm => `there is no alarm ${alarm}`);
    if (!isExpression(rule)) problems.push(`${show(rule)} is no rule of a composite alarm`);
    if (named.length > MOST_CHILDREN)
      problems.push(`names ${named.length} alarms, and may name ${MOST_CHILDREN}`);
    return problems.map(problem => ({ logicalId, at, problem }));
  });
}

const MOST_CHILDREN = 100;
const stateOf = /\b(?:ALARM|OK|INSUFFICIENT_DATA)\("?([^")]+)"?\)/g;

/** Puts `TRUE` for each whole part, until nothing else is left, or nothing more is whole. */
function isExpression(rule: string): boolean {
  const steps: [RegExp, string][] = [
    [/\bFALSE\b|\bNOT\s+TRUE\b|\(\s*TRUE\s*\)/g, 'TRUE'],
    [/\bTRUE\s+(?:AND|OR)\s+TRUE\b/g, 'TRUE'],
  ];
  const reduce = (text: string): string => {
    const shorter = steps.reduce((part, [whole, value]) => part.replace(whole, value), text);
    return shorter === text ? text : reduce(shorter);
  };
  return reduce(rule.replace(stateOf, 'TRUE')).trim() === 'TRUE';
}

function isAlarm(reference: string, template: Template): boolean {
  const logicalId = /^\$\{(\w+)(?:\.Arn)?\}$/.exec(reference)?.[1] ?? '';
  const all = resourcesOf(template, ...alarmTypes);
  return all.some(alarm => alarm.logicalId === logicalId || alarm.properties.AlarmName === reference);
}

export function dashboards(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::CloudWatch::Dashboard').flatMap(({ logicalId, properties }) => {
    const body = bodyOf(properties.DashboardBody);
    const problems =
      body === undefined
        ? ['is no JSON']
        : [
            ...valuesAt(body, 'widgets[].properties.metrics')
              .flatMap(rows => (rows as unknown[][]).flatMap(metricIn))
              .flatMap(metric => metricProblems(metric, template)),
            ...valuesAt(body, 'widgets[].properties.alarms[]')
              .filter(alarm => !isAlarm(textOf(alarm), template))
              .map(alarm => `there is no alarm ${textOf(alarm)}`),
          ];
    return problems.map(problem => ({ logicalId, at: 'Properties.DashboardBody', problem }));
  });
}

/** A row of a graph: namespace, metric, then names and values of dimensions in turn, then how it is drawn. */
function metricIn(row: readonly unknown[]): MetricReference[] {
  const [namespace, name, ...rest] = row;
  // An expression of other rows.
  if (typeof namespace !== 'string') return [];
  const pairs = rest.filter((_, index) => index % 2 === 0 && index + 1 < rest.length);
  const dimensions = pairs.map((dimension, index) => [String(dimension), rest[2 * index + 1]] as const);
  return [{ namespace, name: String(name), dimensions }];
}

/** Before the place of a reference; no text of a dashboard has it. */
const MARK = '\uFFFC';

/** The JSON that CloudFormation will join, with the references where they stand; undefined where it is none. */
function bodyOf(value: unknown): Properties | undefined {
  const [, parts = [value]] = (value as Properties)?.['Fn::Join'] ?? [];
  const references: unknown[] = [];
  const text = listOf<unknown>(parts)
    .map(part => (typeof part === 'string' ? part : `${MARK}${references.push(part) - 1}`))
    .join('');
  try {
    return JSON.parse(text, (_, item) => references[placeIn(item)] ?? item);
  } catch {
    return undefined;
  }
}

/** -1 where an item is no reference as a whole. */
function placeIn(item: unknown): number {
  const isReference = typeof item === 'string' && /^\uFFFC\d+$/.test(item);
  return isReference ? Number(item.slice(MARK.length)) : -1;
}
