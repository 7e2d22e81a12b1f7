/**
 * A table or key that is kept when it is deleted must also be kept when it is replaced, and a table must be restorable.
 * A replica must name a Region and indexes that its table has. cdk-nag doesn't look at global tables.
 */
import {
  type Deployment,
  type Finding,
  listOf,
  type Properties,
  refOf,
  resourcesOf,
  show,
  type Template,
  valuesAt,
} from './template.ts';

export function lastingData(template: Template, { region }: Deployment): Finding[] {
  return [...kept(template), ...replicas(template, region)];
}

/** The second one spares what a failed first deployment has made. */
const KEPT: ReadonlySet<string> = new Set(['Retain', 'RetainExceptOnCreate']);

function kept(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key').flatMap(
    ({ logicalId, type, properties, resource }) => {
      if (!KEPT.has(resource.DeletionPolicy ?? '')) return [];
      const found: Finding[] = [];
      if (resource.UpdateReplacePolicy !== 'Retain') {
        found.push({
          logicalId,
          at: 'UpdateReplacePolicy',
          problem: 'is kept when it is deleted, and lost when it is replaced: set Retain',
        });
      }
      const recovery = 'Replicas[].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled';
      if (type === 'AWS::DynamoDB::GlobalTable' && !valuesAt(properties, recovery).includes(true)) {
        found.push({
          logicalId,
          at: `Properties.${recovery}`,
          problem: 'is kept, but no earlier state of it can be restored: turn point-in-time recovery on',
        });
      }
      return found;
    },
  );
}

function replicas(template: Template, region: string | undefined): Finding[] {
  return resourcesOf(template, 'AWS::DynamoDB::GlobalTable').flatMap(({ logicalId, properties }) => {
    const finding = (name: string, problem: string) => ({
      logicalId,
      at: `Properties.Replicas[].${name}`,
      problem,
    });
    const all = listOf<Properties>(properties.Replicas);
    const isHere = ({ Region }: Properties) => refOf(Region) === 'AWS::Region' || Region === region;
    const regions = all.map(({ Region }) => show(Region));
    const found: Finding[] = [];
    if (all.filter(isHere).length !== 1 || new Set(regions).size < regions.length) {
      found.push(finding('Region', `${regions} must name the stack's own Region once, and no other twice`));
    }
    const indexes = valuesAt(properties, 'GlobalSecondaryIndexes[].IndexName');
    const unknown = valuesAt(properties, 'Replicas[].GlobalSecondaryIndexes[].IndexName').filter(
      name => !indexes.includes(name),
    );
    const name = 'GlobalSecondaryIndexes[].IndexName';
    return [...found, ...unknown.map(index => finding(name, `the table has no index ${show(index)}`))];
  });
}
