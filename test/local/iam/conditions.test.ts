// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this.
import { describe, expect, it } from 'vitest';
import { matchesConditions } from '../../../local/iam/conditions.ts';
import { PolicyError } from '../../../local/iam/policy.ts';

const queue = 'arn:aws:sqs:us-east-1:000000000000:LeftOver';

const keys = new Map<string, string[]>([
  ['events:source', ['storecast.prices']],
  ['aws:sourcearn', [queue]],
  ['aws:securetransport', ['true']],
  ['s3:max-keys', ['10']],
  ['dynamodb:leadingkeys', ['store#1', 'store#2']],
  ['dynamodb:attributes', ['pk']],
  ['aws:tagkeys', []],
  ['text', ['a*b']],
]);

function resolve(key: string): string {
  const [value] = keys.get(key.toLowerCase()) ?? [];
  if (value === undefined) throw new PolicyError(`no ${key}`);
  return value;
}

function holds(operator: string, key: string, values: unknown): boolean {
  return matchesConditions({ [operator]: { [key]: values } }, keys, resolve);
}

type Row = [operator: string, key: string, values: unknown];

describe('a condition', () => {
  it.each<Row>([
    ['StringEquals', 'events:source', 'storecast.prices'],
    ['StringEquals', 'EVENTS:Source', ['other', 'storecast.prices']],
    ['StringEquals', 'text', 'a*b'],
    ['StringEquals', 'text', 'a${*}b'],
    ['StringEquals', 'events:source', '${events:source}'],
    ['StringEquals', 'dynamodb:Attributes', 'pk'],
    ['StringEqualsIgnoreCase', 'events:source', 'Storecast.PRICES'],
    ['StringLike', 'events:source', 'storecast.*'],
    ['StringLike', 'events:source', 'storecast?price?'],
    ['StringLike', 'text', 'a${*}b'],
    ['StringNotEquals', 'events:source', ['a', 'b']],
    ['StringNotEquals', 'events:source', 'Storecast.Prices'],
    ['StringNotEquals', 'absent', 'a'],
    ['StringNotEqualsIgnoreCase', 'events:source', 'storecast.sales'],
    ['StringNotLike', 'events:source', 'sales.*'],
    ['StringNotLike', 'absent', '*'],
    ['ArnEquals', 'aws:SourceArn', queue],
    ['ArnEquals', 'aws:SourceArn', 'arn:aws:sqs:*:*:Left*'],
    ['ArnLike', 'aws:SourceArn', 'arn:aws:sqs:us-east-?:000000000000:*'],
    ['ArnLike', 'aws:SourceArn', '${aws:SourceArn}'],
    ['ArnNotEquals', 'aws:SourceArn', `${queue}2`],
    ['ArnNotLike', 'aws:SourceArn', 'arn:aws:sns:*:*:*'],
    ['ArnNotLike', 'absent', queue],
    ['ArnNotEquals', 'events:source', queue],
    ['NumericEquals', 's3:max-keys', '10.0'],
    ['NumericNotEquals', 's3:max-keys', 9],
    ['NumericLessThan', 's3:max-keys', '11'],
    ['NumericLessThanEquals', 's3:max-keys', '10'],
    ['NumericGreaterThan', 's3:max-keys', '9.5'],
    ['NumericGreaterThanEquals', 's3:max-keys', 10],
    ['Bool', 'aws:SecureTransport', 'true'],
    ['Bool', 'aws:SecureTransport', true],
    ['Bool', 'aws:SecureTransport', 'TRUE'],
    ['Null', 'absent', 'true'],
    ['Null', 'aws:TagKeys', true],
    ['Null', 'events:source', 'false'],
    ['StringEqualsIfExists', 'absent', 'a'],
    ['StringEqualsIfExists', 'events:source', 'storecast.prices'],
    ['ArnLikeIfExists', 'absent', queue],
    ['StringNotEqualsIfExists', 'absent', 'a'],
    ['ForAllValues:StringLike', 'dynamodb:LeadingKeys', 'store#*'],
    ['ForAllValues:StringEquals', 'dynamodb:LeadingKeys', ['store#1', 'store#2', 'store#3']],
    ['ForAllValues:StringNotEquals', 'dynamodb:LeadingKeys', ['store#3', 'store#4']],
    ['ForAllValues:StringEquals', 'absent', 'a'],
    ['ForAllValues:StringEquals', 'aws:TagKeys', 'a'],
    ['ForAnyValue:StringEquals', 'dynamodb:LeadingKeys', ['store#2', 'store#9']],
    ['ForAnyValue:StringNotEquals', 'dynamodb:LeadingKeys', 'store#1'],
    ['ForAnyValue:StringEqualsIfExists', 'absent', 'a'],
  ])('holds: %s %s %j', (operator, key, values) => {
    expect(holds(operator, key, values)).toBe(true);
  });

  it.each<Row>([
    ['StringEquals', 'events:source', 'Storecast.prices'],
    ['StringEquals', 'events:source', 'storecast.*'],
    ['StringEquals', 'absent', 'a'],
    ['StringEquals', 'toString', 'a'],
    ['StringEqualsIgnoreCase', 'events:source', 'storecast'],
    ['StringLike', 'events:source', 'Storecast.*'],
    ['StringLike', 'events:source', 'storecast.price'],
    ['StringLike', 'events:source', 'storecast?*?prices'],
    ['StringLike', 'absent', '*'],
    ['StringNotEquals', 'events:source', ['a', 'storecast.prices']],
    ['StringNotEqualsIgnoreCase', 'events:source', 'STORECAST.PRICES'],
    ['StringNotLike', 'events:source', ['sales.*', 'storecast.*']],
    ['ArnEquals', 'aws:SourceArn', `${queue}2`],
    ['ArnEquals', 'aws:SourceArn', 'arn:aws:sqs:*:LeftOver:*'],
    ['ArnLike', 'aws:SourceArn', 'arn:aws:sqs:*:000000000000:left*'],
    ['ArnLike', 'absent', 'arn:aws:sqs:*:*:*'],
    ['ArnLike', 'events:source', 'arn:aws:sqs:*:*:*'],
    ['ArnNotEquals', 'aws:SourceArn', queue],
    ['ArnNotLike', 'aws:SourceArn', 'arn:*:*:*:*:*'],
    ['NumericEquals', 's3:max-keys', '11'],
    ['NumericNotEquals', 's3:max-keys', '10.0'],
    ['NumericLessThan', 's3:max-keys', '10'],
    ['NumericLessThanEquals', 's3:max-keys', '9'],
    ['NumericGreaterThan', 's3:max-keys', '10'],
    ['NumericGreaterThanEquals', 's3:max-keys', '11'],
    ['NumericLessThan', 'absent', '11'],
    ['Bool', 'aws:SecureTransport', 'false'],
    ['Bool', 'absent', 'false'],
    ['Null', 'absent', 'false'],
    ['Null', 'events:source', 'true'],
    ['StringEqualsIfExists', 'events:source', 'a'],
    ['ForAllValues:StringEquals', 'dynamodb:LeadingKeys', 'store#1'],
    ['ForAllValues:StringNotEquals', 'dynamodb:LeadingKeys', ['store#2', 'store#4']],
    ['ForAnyValue:StringEquals', 'dynamodb:LeadingKeys', 'store#9'],
    ['ForAnyValue:StringNotEquals', 'dynamodb:LeadingKeys', ['store#1', 'store#2']],
    ['ForAnyValue:StringEquals', 'absent', 'a'],
    ['ForAnyValue:StringNotEquals', 'absent', 'a'],
  ])('does not hold: %s %s %j', (operator, key, values) => {
    expect(holds(operator, key, values)).toBe(false);
  });

  it.each<Row>([
    ['stringequals', 'events:source', 'storecast.prices'],
    ['StringMatches', 'events:source', 'storecast.prices'],
    ['DateGreaterThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z'],
    ['IpAddress', 'aws:SourceIp', '127.0.0.1/32'],
    ['BinaryEquals', 'a', 'QQ=='],
    ['constructor', 'events:source', 'storecast.prices'],
    ['ForSomeValues:StringEquals', 'events:source', 'storecast.prices'],
    ['ForAllValues:Null', 'absent', 'true'],
    ['NullIfExists', 'absent', 'true'],
    ['Null', 'absent', 'yes'],
    ['Bool', 'aws:SecureTransport', 'yes'],
    ['Bool', 'absent', 'yes'],
    ['NumericEquals', 's3:max-keys', ''],
    ['NumericEquals', 's3:max-keys', '0x0a'],
    ['NumericEquals', 's3:max-keys', '${s3:max-keys}'],
    ['NumericNotEquals', 'events:source', '10'],
    ['ArnLike', 'aws:SourceArn', '*'],
    ['ArnNotLike', 'aws:SourceArn', 'LeftOver'],
    ['StringEquals', 'dynamodb:LeadingKeys', 'store#1'],
    ['StringNotEquals', 'dynamodb:LeadingKeys', 'store#9'],
    ['StringEquals', 'events:source', []],
    ['StringEquals', 'events:source', null],
    ['StringEquals', 'events:source', { Ref: 'Source' }],
    ['StringEquals', 'events:source', '${absent}'],
    ['StringEqualsIfExists', 'absent', '${absent}'],
  ])('cannot be evaluated: %s %s %j', (operator, key, values) => {
    expect(() => holds(operator, key, values)).toThrow(PolicyError);
  });

  it('holds only if every operator and every key does', () => {
    const good = {
      StringEquals: { 'events:source': 'storecast.prices', text: 'a*b' },
      Null: { absent: true },
    };
    expect(matchesConditions(good, keys, resolve)).toBe(true);
    expect(matchesConditions({ ...good, Bool: { 'aws:SecureTransport': 'false' } }, keys, resolve)).toBe(
      false,
    );
    const badKey = { StringEquals: { ...good.StringEquals, absent: 'a' } };
    expect(matchesConditions(badKey, keys, resolve)).toBe(false);
  });

  it.each([[undefined], [{}]])('that is %j always holds', condition => {
    expect(matchesConditions(condition, keys, resolve)).toBe(true);
  });
});
