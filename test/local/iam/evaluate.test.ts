// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AccessDecision,
  type AccessRequest,
  accessDeniedMessage,
  type DenialReason,
  evaluateAccess,
} from '../../../local/iam/evaluate.ts';
import type { PolicyDocument } from '../../../local/iam/policy.ts';

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/Registry';
const role = 'arn:aws:iam::000000000000:role/Broadcaster';
const session = 'arn:aws:sts::000000000000:assumed-role/Broadcaster/broadcast';
const account = 'arn:aws:iam::000000000000:root';

/** A document as it may come out of a template: nothing about its shape is certain. */
function policy(...statements: unknown[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements } as PolicyDocument;
}

function allow(elements: object = {}): object {
  return { Effect: 'Allow', Action: 'dynamodb:Query', Resource: table, ...elements };
}

function deny(elements: object = {}): object {
  return { ...allow(elements), Effect: 'Deny' };
}

const everything = { Effect: 'Allow', Action: '*', Resource: '*' };

function ask(request: Partial<AccessRequest>): AccessDecision {
  return evaluateAccess({
    principalArn: session,
    action: 'dynamodb:Query',
    resource: table,
    identityPolicies: [],
    ...request,
  });
}

function reasonOf(decision: AccessDecision): DenialReason | undefined {
  return decision.allowed ? undefined : decision.reason;
}

describe('identity-based policies', () => {
  it.each<[string, object, Partial<AccessRequest>]>([
    ['the very action and resource', allow(), {}],
    ['an action in other case', allow({ Action: 'DynamoDB:qUERY' }), {}],
    ['one of several actions', allow({ Action: ['dynamodb:GetItem', 'dynamodb:Query'] }), {}],
    ['a wildcard in the action', allow({ Action: 'dynamodb:Q*' }), {}],
    ['a question mark in the action', allow({ Action: 'dynamodb:Que?y' }), {}],
    ['every action', allow({ Action: '*' }), {}],
    ['every action of every service', allow({ Action: '*:*' }), {}],
    ['all actions but another', allow({ Action: undefined, NotAction: 'dynamodb:Scan' }), {}],
    ['every resource', allow({ Resource: '*' }), {}],
    ['a resource pattern', allow({ Resource: 'arn:aws:dynamodb:*:*:table/Reg*' }), {}],
    ['one of several resources', allow({ Resource: [`${table}s`, table] }), {}],
    ['all resources but another', allow({ Resource: undefined, NotResource: `${table}s` }), {}],
    [
      'an action that knows no resources',
      allow({ Action: 'kms:ListKeys', Resource: '*' }),
      { action: 'kms:ListKeys', resource: '*' },
    ],
    [
      'a variable with a value',
      allow({ Resource: 'arn:aws:dynamodb:us-east-1:${aws:PrincipalAccount}:table/Registry' }),
      {},
    ],
  ])('allow %s', (_title, statement, request) => {
    const cleaned = JSON.parse(JSON.stringify(statement));
    expect(ask({ identityPolicies: [policy(cleaned)], ...request })).toEqual({
      allowed: true,
      unevaluated: [],
    });
  });

  it.each<[string, object]>([
    ['another action', { Action: 'dynamodb:GetItem' }],
    ['an action that only begins alike', { Action: 'dynamodb:Quer' }],
    ['another service', { Action: 'sqs:*' }],
    ['the excluded action', { Action: undefined, NotAction: 'dynamodb:query' }],
    ['another resource', { Resource: `${table}s` }],
    ['a resource in other case', { Resource: table.replace('Registry', 'registry') }],
    ['an index of the table', { Resource: `${table}/index/*` }],
    ['the excluded resource', { Resource: undefined, NotResource: 'arn:aws:dynamodb:*:*:table/*' }],
    ['a failed condition', { Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } }],
  ])('allow nothing by a statement for %s', (_title, elements) => {
    const statement = JSON.parse(JSON.stringify(allow(elements)));
    expect(ask({ identityPolicies: [policy(statement)] })).toEqual({
      allowed: false,
      reason: 'no-identity-policy-allows',
      unevaluated: [],
    });
  });

  it('allow when any one of several documents does', () => {
    const identityPolicies = [policy(allow({ Action: 'sqs:*' })), policy(allow())];
    expect(ask({ identityPolicies }).allowed).toBe(true);
  });

  it('may hold a single statement instead of a list', () => {
    const document = { Version: '2012-10-17', Statement: allow() } as PolicyDocument;
    expect(ask({ identityPolicies: [document] }).allowed).toBe(true);
  });

  it('deny without any policy', () => {
    expect(reasonOf(ask({}))).toBe('no-identity-policy-allows');
  });

  it('deny where an explicit Deny meets an Allow, whichever comes first', () => {
    const allowed = policy(everything);
    const denied = policy(deny());
    expect(reasonOf(ask({ identityPolicies: [allowed, denied] }))).toBe('explicit-deny-in-identity-policy');
    expect(reasonOf(ask({ identityPolicies: [denied, allowed] }))).toBe('explicit-deny-in-identity-policy');
  });

  it('leave allowed what a Deny does not apply to', () => {
    const statements = [everything, deny({ Action: 'dynamodb:DeleteItem' }), deny({ Resource: `${table}s` })];
    expect(ask({ identityPolicies: [policy(...statements)] }).allowed).toBe(true);
  });
});

describe('what cannot be evaluated', () => {
  const broken: [string, object][] = [
    ['an unknown operator', { Condition: { StringMatches: { 'aws:PrincipalArn': role } } }],
    ['a date operator', { Condition: { DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } } }],
    ['an operator without keys', { Condition: { StringEquals: {} } }],
    ['an unknown operator without keys', { Condition: { StringMatches: {} } }],
    ['a condition that is a list', { Condition: [] }],
    ['a condition value that is an object', { Condition: { StringEquals: { a: { Ref: 'Table' } } } }],
    ['a condition without values', { Condition: { StringNotEquals: { a: [] } } }],
    ['an unknown element', { Recource: '*' }],
    ['both Action and NotAction', { NotAction: 'sqs:*' }],
    ['neither Action nor NotAction', { Action: undefined }],
    ['an unresolved function as the action', { Action: { Ref: 'Action' } }],
    ['an empty list of actions', { Action: [] }],
    ['an empty list of excluded actions', { Action: undefined, NotAction: [] }],
    ['an action without a service', { Action: 'Query' }],
    ['a wildcard in the service of an action', { Action: 'dynamo*:Query' }],
    ['a variable in the action', { Action: '${aws:PrincipalArn}' }],
    ['both Resource and NotResource', { NotResource: 'arn:aws:sqs:*:*:*' }],
    ['neither Resource nor NotResource', { Resource: undefined }],
    ['an unresolved function as the resource', { Resource: { 'Fn::GetAtt': ['Table', 'Arn'] } }],
    ['a resource that is no ARN', { Resource: 'table/Registry' }],
    ['a wildcard in the service of a resource', { Resource: 'arn:aws:*:*:*:table/Registry' }],
    ['a number among the resources', { Resource: [table, 7] }],
    [
      'a variable without a value',
      { Resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/${aws:username}' },
    ],
    ['a variable that is not closed', { Resource: 'arn:aws:dynamodb:us-east-1:${aws:username:table/*' }],
    ['a variable in a condition without a value', { Condition: { StringEquals: { a: '${aws:username}' } } }],
    ['a Principal in an identity-based policy', { Principal: '*' }],
  ];

  it.each(broken)('never allows: %s', (_title, elements) => {
    const statement = JSON.parse(JSON.stringify(allow(elements)));
    const decision = ask({ identityPolicies: [policy(statement)] });
    expect(reasonOf(decision)).toBe('no-identity-policy-allows');
    expect(decision.unevaluated).toHaveLength(1);
  });

  it.each(broken)('always denies: %s', (_title, elements) => {
    const statement = JSON.parse(JSON.stringify(deny(elements)));
    const decision = ask({ identityPolicies: [policy(everything, statement)] });
    expect(reasonOf(decision)).toBe('explicit-deny-in-identity-policy');
    expect(decision.unevaluated).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['no Effect', { Action: '*', Resource: '*' }],
    ['an Effect in lower case', { Effect: 'allow', Action: '*', Resource: '*' }],
    ['null', null],
    ['a string', 'Allow'],
    ['a list', [everything]],
  ])('denies for a statement that is or has %s', (_title, statement) => {
    const decision = ask({ identityPolicies: [policy(everything, statement)] });
    expect(reasonOf(decision)).toBe('explicit-deny-in-identity-policy');
  });

  it.each<[string, unknown]>([
    ['without statements', { Version: '2012-10-17' }],
    ['of an unknown version', { Version: '2030-01-01', Statement: everything }],
    ['with an unknown element', { Version: '2012-10-17', Statements: [], Statement: everything }],
    ['that is a list', [everything]],
    ['that is missing', undefined],
  ])('denies for a document %s', (_title, document) => {
    const decision = ask({ identityPolicies: [policy(everything), document as PolicyDocument] });
    expect(reasonOf(decision)).toBe('explicit-deny-in-identity-policy');
  });

  it('counts a variable in a document without Version 2012-10-17', () => {
    const Statement = allow({ Resource: 'arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/Registry' });
    const old = { Version: '2008-10-17', Statement } as PolicyDocument;
    expect(ask({ identityPolicies: [old] }).allowed).toBe(false);
  });

  it('counts a variable that has several values', () => {
    const statement = allow({ Resource: 'arn:aws:dynamodb:*:*:table/${aws:TagKeys}' });
    const context = { 'aws:TagKeys': ['Registry', 'Sales'] };
    expect(ask({ identityPolicies: [policy(statement)], context }).allowed).toBe(false);
  });

  it('takes nothing away where the rest of the statement does not apply', () => {
    const broken = deny({ Action: 'dynamodb:DeleteItem', Condition: { Unknown: { a: 'b' } } });
    expect(ask({ identityPolicies: [policy(everything, broken)] })).toEqual({
      allowed: true,
      unevaluated: [],
    });
  });
});

describe('resource-based policies', () => {
  function onTable(Principal: unknown, elements: object = {}): PolicyDocument {
    return policy(allow({ Principal, ...elements }));
  }

  it.each<[string, unknown]>([
    ['everybody', '*'],
    ['every AWS principal', { AWS: '*' }],
    ['the session', { AWS: session }],
    ['the role', { AWS: role }],
    ['the role among others', { AWS: ['111111111111', role], Service: 'sns.amazonaws.com' }],
  ])('allow %s without an identity-based policy', (_title, principal) => {
    expect(ask({ resourcePolicies: [onTable(principal)] }).allowed).toBe(true);
  });

  it.each<[string, unknown]>([
    ["the caller's account, which only delegates", { AWS: account }],
    ["the caller's account by its number", { AWS: '000000000000' }],
    ['another account', { AWS: '111111111111' }],
    ['another role', { AWS: `${role}2` }],
    ['another session', { AWS: `${session}2` }],
    ['a service', { Service: 'events.amazonaws.com' }],
    ['an identity provider', { Federated: 'accounts.google.com' }],
  ])('do not allow by naming %s', (_title, principal) => {
    expect(ask({ resourcePolicies: [onTable(principal)] })).toEqual({
      allowed: false,
      reason: 'no-identity-policy-allows',
      unevaluated: [],
    });
  });

  it.each<[string, unknown]>([
    ['a wildcard in a name', { AWS: 'arn:aws:iam::000000000000:role/*' }],
    ['a unique id', { AWS: 'AROAEXAMPLEID' }],
    ['a wildcard for a service', { Service: '*' }],
    ['an unknown kind', { CanonicalUser: '79a5' }],
    ['an unresolved function', { AWS: { 'Fn::GetAtt': ['Role', 'Arn'] } }],
    ['nobody', {}],
    ['an empty list', { AWS: [] }],
    ['a plain string', role],
    ['nothing', undefined],
  ])('fail closed for a Principal that is %s', (_title, Principal) => {
    const identityPolicies = [policy(everything)];
    const allowing = onTable(Principal);
    const denying = policy(deny({ Principal }));
    expect(ask({ resourcePolicies: [allowing] }).allowed).toBe(false);
    expect(reasonOf(ask({ identityPolicies, resourcePolicies: [denying] }))).toBe(
      'explicit-deny-in-resource-policy',
    );
  });

  it.each<[string, unknown]>([
    ['everybody', '*'],
    ['the role', { AWS: role }],
    ['the whole account', { AWS: account }],
  ])('deny %s what an identity-based policy allows', (_title, Principal) => {
    const request = {
      identityPolicies: [policy(everything)],
      resourcePolicies: [policy(deny({ Principal }))],
    };
    expect(reasonOf(ask(request))).toBe('explicit-deny-in-resource-policy');
  });

  it('deny everybody but the publisher that a condition names', () => {
    const Condition = { ArnNotEquals: { 'aws:PrincipalArn': role } };
    const resourcePolicies = [policy(deny({ Principal: '*', Condition }))];
    const identityPolicies = [policy(everything)];
    const stranger = 'arn:aws:sts::000000000000:assumed-role/Stranger/session';
    expect(ask({ identityPolicies, resourcePolicies }).allowed).toBe(true);
    expect(reasonOf(ask({ identityPolicies, resourcePolicies, principalArn: stranger }))).toBe(
      'explicit-deny-in-resource-policy',
    );
  });

  it.each<[string, unknown, boolean]>([
    ['the session, its role and its account', { AWS: [session, role, account] }, true],
    ['the role alone', { AWS: role }, false],
    ['the session and its role', { AWS: [session, role] }, false],
    ['somebody else', { AWS: '111111111111' }, false],
  ])('spare by NotPrincipal only who is listed in full: %s', (_title, NotPrincipal, allowed) => {
    const identityPolicies = [policy(everything)];
    const resourcePolicies = [policy(deny({ NotPrincipal }))];
    expect(ask({ identityPolicies, resourcePolicies }).allowed).toBe(allowed);
  });

  it('never allow by NotPrincipal', () => {
    const statement = allow({ NotPrincipal: { AWS: '111111111111' } });
    expect(ask({ resourcePolicies: [policy(statement)] }).allowed).toBe(false);
  });

  it('know a role with a path by the aws:PrincipalArn of the request', () => {
    const principalArn = 'arn:aws:iam::000000000000:role/service/Broadcaster';
    const resourcePolicies = [onTable({ AWS: principalArn })];
    expect(ask({ resourcePolicies, context: { 'aws:PrincipalArn': principalArn } }).allowed).toBe(true);
    expect(ask({ resourcePolicies }).allowed).toBe(false);
  });

  describe('of a queue that EventBridge sends to', () => {
    const queue = 'arn:aws:sqs:us-east-1:000000000000:LeftOver';
    const rule = 'arn:aws:events:us-east-1:000000000000:rule/bus/Prices';
    const queuePolicy = policy({
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue,
      Condition: { ArnEquals: { 'aws:SourceArn': rule } },
    });
    const send: Partial<AccessRequest> = {
      principalArn: 'events.amazonaws.com',
      action: 'sqs:SendMessage',
      resource: queue,
      context: { 'aws:SourceArn': rule },
      resourcePolicies: [queuePolicy],
    };

    it('allow the rule', () => {
      expect(ask(send).allowed).toBe(true);
    });

    it.each<[string, Partial<AccessRequest>]>([
      ['another rule', { context: { 'aws:SourceArn': `${rule}2` } }],
      ['no source', { context: {} }],
      ['another service', { principalArn: 'sns.amazonaws.com' }],
      ['another queue', { resource: `${queue}2` }],
      ['no policy', { resourcePolicies: [] }],
      ['an identity policy only', { resourcePolicies: [], identityPolicies: [policy(everything)] }],
    ])('refuse %s', (_title, change) => {
      expect(reasonOf(ask({ ...send, ...change }))).toBe('no-resource-policy-allows');
    });
  });

  describe('of a KMS key', () => {
    const key = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';
    const sign: Partial<AccessRequest> = { action: 'kms:Sign', resource: key };
    const identityPolicies = [policy({ Effect: 'Allow', Action: 'kms:Sign', Resource: key })];
    const delegating = policy({
      Effect: 'Allow',
      Principal: { AWS: account },
      Action: 'kms:*',
      Resource: '*',
    });
    const administratorsOnly = policy({
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::000000000000:role/Administrator' },
      Action: 'kms:*',
      Resource: '*',
    });

    it.each<[string, Partial<AccessRequest>, DenialReason | undefined]>([
      ['allows with both', { identityPolicies, resourcePolicies: [delegating] }, undefined],
      ['denies by delegation alone', { resourcePolicies: [delegating] }, 'no-identity-policy-allows'],
      [
        'denies where the key policy does not delegate',
        { identityPolicies, resourcePolicies: [administratorsOnly] },
        'no-resource-policy-allows',
      ],
      ['asks only identity policies where no key policy is known', { identityPolicies }, undefined],
    ])('%s', (_title, request, reason) => {
      expect(reasonOf(ask({ ...sign, ...request }))).toBe(reason);
    });
  });
});

describe('the access denied message', () => {
  const user = `User: ${session} is not authorized to perform: dynamodb:Query on resource: ${table}`;

  it.each<[DenialReason, string]>([
    ['explicit-deny-in-identity-policy', 'with an explicit deny in an identity-based policy'],
    ['explicit-deny-in-resource-policy', 'with an explicit deny in a resource-based policy'],
    ['no-identity-policy-allows', 'because no identity-based policy allows the dynamodb:Query action'],
    ['no-resource-policy-allows', 'because no resource-based policy allows the dynamodb:Query action'],
  ])("is AWS's for %s", (reason, context) => {
    const request = { principalArn: session, action: 'dynamodb:Query', resource: table };
    expect(accessDeniedMessage(request, { reason })).toBe(`${user} ${context}`);
  });
});

describe('whatever the policies are', () => {
  const elements = {
    Action: fc.constantFrom('*', 'dynamodb:*', 'dynamodb:Query', 'sqs:*', 'not an action', [
      'dynamodb:Query',
    ]),
    Resource: fc.constantFrom('*', table, `${table}s`, 'arn:aws:dynamodb:*:*:table/*', '${aws:username}', []),
    Condition: fc.constantFrom<unknown>(
      {},
      { StringEquals: { 'aws:PrincipalArn': role } },
      { StringNotEquals: { 'aws:PrincipalArn': role } },
      { Unknown: { a: 'b' } },
      { Null: { 'aws:username': true } },
    ),
  };
  const statements = (Effect: string): fc.Arbitrary<object> =>
    fc.record({ Effect: fc.constant(Effect), ...elements });
  const principals = fc.constantFrom('*', { AWS: role }, { AWS: account }, { AWS: '111111111111' }, {});
  const attached = (statement: fc.Arbitrary<object>): fc.Arbitrary<object> =>
    fc.tuple(statement, principals).map(([one, Principal]) => ({ ...one, Principal }));
  const either = fc.oneof(statements('Allow'), statements('Deny'));
  const policies = fc.tuple(fc.array(either), fc.array(attached(either)));

  function decide(identity: object[], resource: object[]): AccessDecision {
    return ask({ identityPolicies: [policy(...identity)], resourcePolicies: [policy(...resource)] });
  }

  it('one more Deny never allows what was denied', () => {
    fc.assert(
      fc.property(policies, statements('Deny'), attached(statements('Deny')), ([own, attachments], a, b) => {
        const before = decide(own, attachments).allowed;
        const after = [decide([...own, a], attachments), decide(own, [...attachments, b])];
        for (const { allowed } of after) expect(allowed && !before).toBe(false);
      }),
    );
  });

  it('one more Allow never overrides an explicit Deny', () => {
    fc.assert(
      fc.property(
        policies,
        statements('Allow'),
        attached(statements('Allow')),
        ([own, attachments], a, b) => {
          const before = reasonOf(decide(own, attachments));
          fc.pre(before?.startsWith('explicit-deny') === true);
          expect(reasonOf(decide([...own, a], [...attachments, b]))).toBe(before);
        },
      ),
    );
  });

  it('the order of the statements does not matter', () => {
    fc.assert(
      fc.property(policies, ([own, attachments]) => {
        const { allowed } = decide(own, attachments);
        expect(decide(own.toReversed(), attachments.toReversed()).allowed).toBe(allowed);
      }),
    );
  });
});
