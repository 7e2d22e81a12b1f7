/**
 * What is kept when its resource goes must be kept when it is replaced too, and be restorable: the one without the other
 * is a promise that the next change of a key breaks. cdk-nag doesn't see tables of this kind.
 */
import { type Finding, resourcesOf, type Template, valuesAt } from './template.ts';

export function lastingData(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key').flatMap(
    ({ logicalId, type, properties, resource }) => {
      if (resource.DeletionPolicy !== 'Retain') return [];
      const found: Finding[] = [];
      if (resource.UpdateReplacePolicy !== 'Retain') {
        found.push({
          logicalId,
          at: 'UpdateReplacePolicy',
          problem: 'is kept when it is deleted, and lost when it is replaced: it must be Retain',
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
