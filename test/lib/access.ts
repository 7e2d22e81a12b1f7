/** Asks the policies of the template who may do what, as IAM would. */
import { evaluateAccess, type PolicyDocument, type PolicyStatement } from '../../local/iam/evaluate.ts';
import { ACCOUNT, type NamedResource, REGION, resourcesOf } from './template.ts';

/** The policies of a function's role. */
export function policiesOf(handler: NamedResource): PolicyDocument[] {
  const role = roleOf(handler);
  const inline = (role.properties.Policies ?? []).map(
    ({ PolicyDocument }: { PolicyDocument: PolicyDocument }) => PolicyDocument,
  );
  const attached = resourcesOf('AWS::IAM::Policy').filter(({ properties }) =>
    properties.Roles.includes(role.ref),
  );
  return [...inline, ...attached.map(({ properties }) => properties.PolicyDocument)];
}

export function roleOf(handler: NamedResource): NamedResource {
  const role = resourcesOf('AWS::IAM::Role').find(({ arn }) => arn === handler.properties.Role);
  if (role === undefined) throw new Error(`${handler.path} has no role in the template`);
  return role;
}

export function statementsOf(handler: NamedResource): PolicyStatement[] {
  return policiesOf(handler).flatMap(({ Statement }) => Statement);
}

/** Whether a function's role may do this. */
export function mayDo(handler: NamedResource, action: string, resource: string): boolean {
  return evaluateAccess({
    principalArn: `arn:aws:sts::${ACCOUNT}:assumed-role/${roleOf(handler).ref}/${handler.ref}`,
    action,
    resource,
    context: { 'aws:SecureTransport': 'true' },
    identityPolicies: policiesOf(handler),
    resourcePolicies: resourcePolicies(resource),
  }).allowed;
}

/** Whether an AWS service may do this when it acts for a resource. */
export function serviceMayDo(service: string, sourceArn: string, action: string, resource: string): boolean {
  return evaluateAccess({
    principalArn: service,
    action,
    resource,
    context: { 'aws:SecureTransport': 'true', 'aws:SourceArn': sourceArn },
    identityPolicies: [],
    resourcePolicies: resourcePolicies(resource),
  }).allowed;
}

/** The policies that a queue, a key or a function carries itself. */
function resourcePolicies(arn: string): PolicyDocument[] {
  const keys = resourcesOf('AWS::KMS::Key').filter(key => key.arn === arn);
  const queues = resourcesOf('AWS::SQS::Queue').filter(queue => queue.arn === arn);
  const queuePolicies = resourcesOf('AWS::SQS::QueuePolicy').filter(({ properties }) =>
    queues.some(({ ref }) => properties.Queues.includes(ref)),
  );
  return [
    ...keys.map(({ properties }) => properties.KeyPolicy),
    ...queuePolicies.map(({ properties }) => properties.PolicyDocument),
    ...invokePermissions(arn),
  ];
}

/** Lambda keeps each permission as a statement of the function's own policy. */
function invokePermissions(functionArn: string): PolicyDocument[] {
  return resourcesOf('AWS::Lambda::Permission')
    .filter(({ properties }) => properties.FunctionName === functionArn)
    .map(({ properties: { Action, Principal, SourceArn } }) => ({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Service: Principal },
        Action,
        Resource: functionArn,
        ...(SourceArn === undefined ? {} : { Condition: { ArnLike: { 'aws:SourceArn': SourceArn } } }),
      },
    }));
}

/** `arn:aws:execute-api:…:API/PATH` */
export function apiArn(apiId: string, path: string): string {
  return `arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiId}/${path}`;
}
