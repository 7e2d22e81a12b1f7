// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../../local/iam/policy.ts';
import { actionPattern, arnPattern, resourcePattern, stringPattern } from '../../../local/iam/wildcard.ts';

const values: Record<string, string> = { 'aws:username': 'a*b', arn: 'arn:aws:sqs:eu:1:q*' };
const resolve = (key: string): string => values[key] ?? '';

describe('a resource pattern', () => {
  it.each<[string, string, boolean]>([
    ['*', 'anything:at/all', true],
    ['arn:aws:sqs:eu:1:queue', 'arn:aws:sqs:eu:1:queue', true],
    ['arn:aws:sqs:eu:1:queue', 'arn:aws:sqs:eu:1:queues', false],
    ['arn:aws:sqs:eu:1:queue', 'xarn:aws:sqs:eu:1:queue', false],
    ['arn:aws:sqs:eu:1:q.eue', 'arn:aws:sqs:eu:1:queue', false],
    ['arn:aws:sqs:eu:1:q?eue', 'arn:aws:sqs:eu:1:queue', true],
    ['arn:aws:sqs:eu:1:q?eue', 'arn:aws:sqs:eu:1:qeue', false],
    ['arn:*:sqs:eu:1:queue', 'arn:aws-cn:sqs:eu:1:queue', true],
    [
      'arn:aws:execute-api:eu:1:api/prod/*/@connections/*',
      'arn:aws:execute-api:eu:1:api/prod/POST/@connections/L0=',
      true,
    ],
    ['arn:aws:logs:eu:1:*', 'arn:aws:logs:eu:1:log-group:name:log-stream:x', true],
    ['arn:aws:logs:*:name', 'arn:aws:logs:eu:1:log-group:name', true],
    ['arn:aws:logs:eu:1:a*z', 'arn:aws:logs:eu:1:a-to-z', true],
    ['arn:aws:logs:eu:1:a*z', 'arn:aws:logs:eu:1:a:z', false],
    ['arn:aws:logs:eu:1:a?z', 'arn:aws:logs:eu:1:a:z', false],
    ['arn:aws:logs:eu:1:a?', 'arn:aws:logs:eu:1:a:', false],
    ['arn:aws:sqs:eu:1:${aws:username}', 'arn:aws:sqs:eu:1:a*b', true],
    ['arn:aws:sqs:eu:1:${aws:username}', 'arn:aws:sqs:eu:1:aab', false],
    ['arn:aws:sqs:eu:1:a${*}b', 'arn:aws:sqs:eu:1:a*b', true],
    ['arn:aws:sqs:eu:1:a${*}b', 'arn:aws:sqs:eu:1:aab', false],
    ['arn:aws:sqs:eu:1:a${?}', 'arn:aws:sqs:eu:1:ab', false],
    ['arn:aws:sqs:eu:1:${$}', 'arn:aws:sqs:eu:1:$', true],
  ])('%s against %s: %s', (pattern, resource, matches) => {
    expect(resourcePattern(pattern, resolve).test(resource)).toBe(matches);
  });
});

describe('an ARN pattern', () => {
  it.each<[string, string, boolean]>([
    ['arn:aws:some:*:1:finance/*', 'arn:aws:some:eu:1:finance/a', true],
    // The page's own example of what a string operator would match and an ARN operator does not.
    ['arn:aws:some:*:1:finance/*', 'arn:aws:some:eu:9:store/abc:1:finance/a', false],
    ['arn:aws:some:eu:1:a*', 'arn:aws:some:eu:1:a:b:c', true],
    ['arn:aws:some:e?:1:a', 'arn:aws:some:e::1:a', false],
    ['${arn}', 'arn:aws:sqs:eu:1:q*', true],
    ['${arn}', 'arn:aws:sqs:eu:1:qq', false],
  ])('%s against %s: %s', (pattern, arn, matches) => {
    expect(arnPattern(pattern, resolve).test(arn)).toBe(matches);
  });
});

describe('an action pattern', () => {
  it.each([
    '',
    'Query',
    'dynamodb:',
    ':Query',
    'dynamo*:Query',
    'dynamodb:${*}',
    'dynamodb:Query:x',
    'a b:c',
  ])('cannot be %j', action => {
    expect(() => actionPattern(action)).toThrow(PolicyError);
  });
});

describe('a string pattern', () => {
  it('without wildcards or variables matches itself and nothing else', () => {
    const plain = fc.string().filter(text => !/[*?$]/.test(text));
    fc.assert(
      fc.property(plain, plain, (pattern, text) => {
        expect(stringPattern(pattern, resolve).test(pattern)).toBe(true);
        expect(stringPattern(pattern, resolve).test(text)).toBe(text === pattern);
      }),
    );
  });

  it('matches everything by a star, line ends included', () => {
    expect(stringPattern('a*z', resolve).test('a\n:z')).toBe(true);
  });
});
