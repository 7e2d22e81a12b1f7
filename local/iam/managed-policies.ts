/** AWS's own policies that a role may have here: those that the CDK gives to each function. */
import type { PolicyDocument } from './policy.ts';

/** "AWS Managed Policy Reference", by the end of their ARN. */
const managedPolicies: Readonly<Record<string, PolicyDocument>> = {
  'service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  },
};

/** Undefined for one that is not known here. */
export function managedPolicy(arn: string): PolicyDocument | undefined {
  const [, name = ''] = arn.split(':policy/');
  return Object.hasOwn(managedPolicies, name) ? managedPolicies[name] : undefined;
}
