/**
 * Holds a template against the baseline, the one that was agreed to last: what would delete data, replace the resource
 * that holds it, or take its protection away. `npm run baseline` agrees to the present one.
 */
import {
  type Finding,
  type Properties,
  resourcesOf,
  show,
  type Template,
  type TemplateResource,
  valuesAt,
} from '../../lib/checks/template.ts';

/** What holds data, and the properties that CloudFormation can't change without replacing it. */
const stateful: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::GlobalTable': ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
};

/** The second one spares only what a failed first deployment has made. */
const isKept = (policy: string | undefined) => ['Retain', 'RetainExceptOnCreate'].includes(policy ?? '');

/** What protects it while it is on. */
const protections: readonly string[] = [
  'DeletionProtectionEnabled',
  'Replicas[].DeletionProtectionEnabled',
  'Replicas[].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
];

export function lostData(baseline: Template, template: Template): Finding[] {
  return resourcesOf(baseline, ...Object.keys(stateful)).flatMap(({ logicalId, type, resource }) => {
    const now = template.Resources[logicalId];
    if (now?.Type !== type) {
      return [{ logicalId, at: 'Resources', problem: `the ${type} is gone, and what it holds with it` }];
    }
    return [...replacements(logicalId, resource, now), ...weakenings(logicalId, resource, now)];
  });
}

function replacements(logicalId: string, before: TemplateResource, now: TemplateResource): Finding[] {
  return (stateful[before.Type] ?? [])
    .filter(name => show(before.Properties?.[name]) !== show(now.Properties?.[name]))
    .map(name => ({
      logicalId,
      at: `Properties.${name}`,
      problem: `${show(before.Properties?.[name])} becomes ${show(now.Properties?.[name])}: that replaces the ${before.Type}`,
    }));
}

function weakenings(logicalId: string, before: TemplateResource, now: TemplateResource): Finding[] {
  const policies = (['DeletionPolicy', 'UpdateReplacePolicy'] as const)
    .filter(name => isKept(before[name]) && !isKept(now[name]))
    .map(name => ({ logicalId, at: name, problem: `${before[name]} becomes ${now[name]}` }));
  const isOn = (properties: Properties | undefined, path: string) =>
    valuesAt(properties, path).includes(true);
  const switches = protections
    .filter(path => isOn(before.Properties, path) && !isOn(now.Properties, path))
    .map(path => ({ logicalId, at: `Properties.${path}`, problem: 'was on, and is off' }));
  return [...policies, ...switches];
}
