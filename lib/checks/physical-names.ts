/** Names that the service refuses and the CloudFormation schema lets pass. Most names have their limit in the schema. */
import { type Finding, resourcesOf, show, type Template } from './template.ts';

const rules: Readonly<Record<string, Readonly<Record<string, readonly [RegExp, string]>>>> = {
  'AWS::ApiGatewayV2::Stage': {
    StageName: [/^(?:\$default|[\w-]{1,128})$/, 'at most 128 letters, digits, _ and -, or $default'],
  },
  'AWS::DynamoDB::GlobalTable': { TableName: [/^[\w.-]{3,255}$/, '3 to 255 letters, digits, _ . and -'] },
  'AWS::SQS::Queue': {
    QueueName: [/^[\w-]{1,75}(?:[\w-]{0,5}|\.fifo)$/, 'at most 80 letters, digits, _ and -'],
  },
  'AWS::IAM::Policy': {
    PolicyName: [/^[\w+=,.@-]{1,128}$/, 'at most 128 letters, digits and + = , . @ _ -'],
  },
};

export function names(template: Template): Finding[] {
  return resourcesOf(template, ...Object.keys(rules)).flatMap(({ logicalId, type, properties }) =>
    Object.entries(rules[type] ?? {})
      .filter(([name, [pattern]]) => typeof properties[name] === 'string' && !pattern.test(properties[name]))
      .map(([name, [, allowed]]) => ({
        logicalId,
        at: `Properties.${name}`,
        problem: `${show(properties[name])} has ${properties[name].length} characters and may have ${allowed}`,
      })),
  );
}
