/** What the sound template is put together from. */
import type { Properties } from '../../../lib/checks/template.ts';

export type EditableTemplate = {
  Resources: Record<string, { Type: string; Properties: Properties; [attribute: string]: unknown }>;
};

export const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
export const gatewayAddress = (logicalId: string) => ({
  'Fn::Join': [
    '',
    [
      ...['arn:', { Ref: 'AWS::Partition' }, ':apigateway:', { Ref: 'AWS::Region' }],
      ...[':lambda:path/2015-03-31/functions/', arnOf(logicalId), '/invocations'],
    ],
  ],
});
export const stageOf = (api: string) => [
  ...[{ Ref: api }, '.execute-api.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/prod'],
];
export const allow = (statement: Properties) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...statement }],
});

export function permission(Principal: string, SourceArn: unknown): EditableTemplate['Resources'][string] {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: { Action: 'lambda:InvokeFunction', FunctionName: arnOf('Function'), Principal, SourceArn },
  };
}
