/** Names that the service refuses and the CloudFormation schema lets pass. Most names have their limit in the schema. */
import { type Rules, violations } from './property-values.ts';
import { type Deployment, type Finding, refersTo, resourcesOf, type Template, textOf } from './template.ts';

const patterns: Rules = {
  'AWS::ApiGatewayV2::Stage': {
    StageName: [/^(?:\$default|[\w-]{1,128})$/, 'at most 128 letters, digits, _ and -, or $default'],
  },
  'AWS::DynamoDB::GlobalTable': { TableName: [/^[\w.-]{3,255}$/, '3 to 255 letters, digits, _ . and -'] },
  // The slash is for the buses of partners, and default is the name of the account's own.
  'AWS::Events::EventBus': {
    Name: [/^(?!default$)[\w.-]{1,256}$/, 'at most 256 letters, digits, _ . and -, and not default'],
  },
  'AWS::IAM::Policy': {
    PolicyName: [/^[\w+=,.@-]{1,128}$/, 'at most 128 letters, digits and + = , . @ _ -'],
  },
  'AWS::SQS::Queue': {
    QueueName: [/^[\w-]{1,75}(?:[\w-]{0,5}|\.fifo)$/, 'at most 80 letters, digits, _ and -'],
  },
};

/** Names that are one for an account and Region. A fixed one lets only one stack of them be deployed. */
const accountWideNames: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::CompositeAlarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
};

export function physicalNames(template: Template, { stackName }: Deployment): Finding[] {
  return [...violations(template, patterns), ...fixedNames(template, stackName)];
}

function fixedNames(template: Template, stackName: string): Finding[] {
  return resourcesOf(template, ...Object.keys(accountWideNames)).flatMap(
    ({ logicalId, type, properties }) => {
      const at = accountWideNames[type] ?? '';
      const name = properties[at];
      if (name === undefined || refersTo(name, 'AWS::StackName') || isOfStack(textOf(name), stackName))
        return [];
      const problem = `${textOf(name)} is the same in every stack of the account: begin it with the stack's name, or leave it out`;
      return [{ logicalId, at: `Properties.${at}`, problem }];
    },
  );
}

/** CDK leaves out characters of a stack's name that the service refuses. */
function isOfStack(name: string, stackName: string): boolean {
  const plain = (text: string) => text.replace(/[^A-Za-z0-9]/g, '');
  return plain(name).startsWith(plain(stackName));
}

/** "Tag naming limits and requirements": AWS keeps the prefix for itself and refuses the whole stack. */
export function tags(template: Template): Finding[] {
  return Object.entries(template.Resources).flatMap(([logicalId, { Properties: properties }]) => {
    const { Tags = [] } = properties ?? {};
    const keys: string[] = Array.isArray(Tags) ? Tags.map(({ Key }) => String(Key)) : Object.keys(Tags);
    return keys
      .filter(key => /^aws:/i.test(key))
      .map(key => ({
        logicalId,
        at: 'Properties.Tags',
        problem: `${key}: tags that begin with aws: are AWS's own`,
      }));
  });
}
