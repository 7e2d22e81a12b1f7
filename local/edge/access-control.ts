/**
 * Who may do what: the access keys of the operator and of each Lambda, the policies of the template's roles, and the
 * policies that queues, keys, buses and functions carry themselves.
 */

import { UnsupportedTemplateError } from '../assembly/assembly.ts';
import type { ResolvedResource, Stack } from '../assembly/stack.ts';
import {
  type AccessDecision,
  accessDeniedMessage,
  evaluateAccess,
  type PolicyDocument,
} from '../iam/evaluate.ts';
import { managedPolicy } from '../iam/managed-policies.ts';
import type { FunctionDefinition } from '../lambda/function-definition.ts';
import type { AccessCheck } from './operations.ts';

/**
 * The operator's access key and secret, which allow everything. No policy is evaluated, not even one that denies
 * everybody: on this machine the operator stands for each publisher, and for the account's root.
 */
export const OPERATOR_KEY = 'local';

interface Role {
  arn: string;
  policies: readonly PolicyDocument[];
  sessionToken: string;
}

export interface Principal {
  secretAccessKey: string;
  /** Undefined for the operator. */
  role?: Role;
}

/** Connections come and go; what was allowed on those that are gone is forgotten with all the rest. */
const MOST_REMEMBERED = 100_000;

export class AccessControl {
  readonly #principals = new Map<string, Principal>();
  readonly #roles: ReadonlyMap<string, readonly PolicyDocument[]>;
  readonly #resourcePolicies: ReadonlyMap<string, readonly PolicyDocument[]>;
  readonly #functions: readonly FunctionDefinition[];
  /**
   * What roles were allowed without a condition, and services: policies don't change, and each broadcast asks for the same
   * lines again, each frame for the same function.
   */
  readonly #allowed = new Set<string>();

  constructor(stack: Stack, functions: readonly FunctionDefinition[]) {
    this.#roles = rolePolicies(stack);
    this.#resourcePolicies = resourcePolicies(stack);
    this.#functions = functions;
    this.#principals.set(OPERATOR_KEY, { secretAccessKey: OPERATOR_KEY });
    for (const { credentials, roleArn, name } of functions) {
      const { account } = stack.naming;
      const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
      this.#principals.set(credentials.accessKeyId, {
        secretAccessKey: credentials.secretAccessKey,
        role: {
          arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
          policies: this.#policiesOf(roleArn),
          sessionToken: credentials.sessionToken,
        },
      });
    }
  }

  principal(accessKeyId: string): Principal | undefined {
    return this.#principals.get(accessKeyId);
  }

  /** AWS's sentence about why a principal may not do something; undefined if it may. */
  refusal(principal: Principal, { action, resource, context }: AccessCheck): string | undefined {
    const { role } = principal;
    if (role === undefined) return undefined;
    const judge = () => this.#judge(role, { action, resource, context });
    return context === undefined ? this.#remembered(`${role.arn} ${action} ${resource}`, judge) : judge();
  }

  #remembered(asked: string, judge: () => string | undefined): string | undefined {
    if (this.#allowed.has(asked)) return undefined;
    const refusal = judge();
    if (refusal !== undefined) return refusal;
    if (this.#allowed.size === MOST_REMEMBERED) this.#allowed.clear();
    this.#allowed.add(asked);
    return undefined;
  }

  #judge(role: Role, { action, resource, context }: AccessCheck): string | undefined {
    const request = {
      principalArn: role.arn,
      action,
      resource,
      context: { 'aws:SecureTransport': 'true', ...context },
      identityPolicies: role.policies,
      resourcePolicies: this.#resourcePolicies.get(resource) ?? [],
    };
    return sentence(request, evaluateAccess(request));
  }

  /** The same for an AWS service that acts for a resource of the stack, such as a rule for its target. */
  serviceRefusal(service: string, sourceArn: string, action: string, resource: string): string | undefined {
    const asked = `${service} ${sourceArn} ${action} ${resource}`;
    return this.#remembered(asked, () => this.#judgeService(service, sourceArn, action, resource));
  }

  #judgeService(service: string, sourceArn: string, action: string, resource: string): string | undefined {
    const request = {
      principalArn: service,
      action,
      resource,
      context: { 'aws:SecureTransport': 'true', 'aws:SourceArn': sourceArn },
      identityPolicies: [],
      resourcePolicies: this.#resourcePolicies.get(resource) ?? [],
    };
    return sentence(request, evaluateAccess(request));
  }

  /** The same for what Lambda does by a function's role, such as sending to its destinations. */
  functionRefusal(functionArn: string, action: string, resource: string): string | undefined {
    const definition = this.#functions.find(({ arn }) => arn === functionArn);
    const principal = definition && this.principal(definition.credentials.accessKeyId);
    if (principal === undefined) return `function ${functionArn} has no role`;
    return this.refusal(principal, { action, resource });
  }

  #policiesOf(roleArn: string): readonly PolicyDocument[] {
    const policies = this.#roles.get(roleArn);
    if (policies === undefined) throw new UnsupportedTemplateError(`the template has no role ${roleArn}`);
    return policies;
  }
}

function sentence(
  request: Parameters<typeof accessDeniedMessage>[0],
  decision: AccessDecision,
): string | undefined {
  return decision.allowed ? undefined : accessDeniedMessage(request, decision);
}

function rolePolicies(stack: Stack): Map<string, PolicyDocument[]> {
  const attached = stack.resources('AWS::IAM::Policy');
  return new Map(
    stack.resources('AWS::IAM::Role').map(({ ref, arn, properties }) => {
      const managed = (properties.ManagedPolicyArns ?? []).map((policyArn: string) => {
        const policy = managedPolicy(policyArn);
        if (policy !== undefined) return policy;
        throw new UnsupportedTemplateError(
          `role ${ref}: the local cloud knows no managed policies but AWSLambdaBasicExecutionRole, not ${policyArn}; write it out`,
        );
      });
      const inline = (properties.Policies ?? []).map(
        (policy: { PolicyDocument: PolicyDocument }) => policy.PolicyDocument,
      );
      const own = attached.filter(({ properties: { Roles } }) => Roles?.includes(ref));
      return [
        arn,
        [...managed, ...inline, ...own.map(({ properties: { PolicyDocument } }) => PolicyDocument)],
      ];
    }),
  );
}

function resourcePolicies(stack: Stack): Map<string, PolicyDocument[]> {
  const policies = new Map<string, PolicyDocument[]>();
  const add = (arn: string, policy: PolicyDocument): void => {
    policies.set(arn, [...(policies.get(arn) ?? []), policy]);
  };
  const queues = new Map(stack.resources('AWS::SQS::Queue').map(({ ref, arn }) => [ref, arn]));
  for (const { properties } of stack.resources('AWS::SQS::QueuePolicy')) {
    for (const url of properties.Queues) add(queues.get(url) ?? url, properties.PolicyDocument);
  }
  for (const { arn, properties } of stack.resources('AWS::KMS::Key')) add(arn, properties.KeyPolicy);
  const buses = new Map(stack.resources('AWS::Events::EventBus').map(({ ref, arn }) => [ref, arn]));
  for (const { properties } of stack.resources('AWS::Events::EventBusPolicy')) {
    const { EventBusName, Statement } = properties;
    add(buses.get(EventBusName) ?? EventBusName, { Version: '2012-10-17', Statement });
  }
  const functions = stack.resources('AWS::Lambda::Function');
  for (const permission of stack.resources('AWS::Lambda::Permission')) {
    const { arn, policy } = permissionPolicy(permission, functions);
    add(arn, policy);
  }
  return policies;
}

/** AWS keeps a Lambda permission as a statement of the function's policy. */
function permissionPolicy({ properties }: ResolvedResource, functions: readonly ResolvedResource[]) {
  const { Action, FunctionName, Principal, SourceArn } = properties;
  const arn = functions.find(({ ref }) => ref === FunctionName)?.arn ?? String(FunctionName);
  const Condition = SourceArn === undefined ? {} : { Condition: { ArnLike: { 'AWS:SourceArn': SourceArn } } };
  const statement = {
    Effect: 'Allow' as const,
    Action,
    Resource: arn,
    Principal: { Service: Principal },
    ...Condition,
  };
  return { arn, policy: { Version: '2012-10-17', Statement: [statement] } };
}
