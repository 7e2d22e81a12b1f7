/** What `-c` may say, and what a wrong one is told. */
import { describe, expect, it } from 'vitest';
import { defaultConfiguration, readConfiguration } from '../../lib/settings/configuration.ts';

/** What the CDK itself puts into the context. */
const cdk = { 'aws:cdk:enable-path-metadata': true, '@aws-cdk/aws-iam:minimizePolicies': true };
const certificateArn = 'arn:aws:acm:eu-central-1:111122223333:certificate/0f-1';

it('is that of the local cloud where nothing is said', () => {
  expect(readConfiguration(cdk)).toEqual(defaultConfiguration);
});

it('of dev leaves nothing behind', () => {
  expect(readConfiguration({ ...cdk, env: 'dev' })).toMatchObject({
    environment: 'dev',
    keepData: false,
    deletionProtection: false,
    tags: { environment: 'dev' },
  });
});

it('of prod keeps everything', () => {
  expect(readConfiguration({ ...cdk, env: 'prod' })).toMatchObject({
    environment: 'prod',
    keepData: true,
    pointInTimeRecovery: true,
    deletionProtection: true,
    accessLogs: true,
    tags: { environment: 'prod' },
  });
});

describe('a setting', () => {
  it.each<[string, unknown, unknown]>([
    ['stores', '20000', 20_000],
    ['stores', 8, 8],
    [
      'guards',
      'largestChangePercent=12.5,smallestAmount=10',
      { largestChangePercent: 12.5, smallestAmount: 10 },
    ],
    ['guards', { updatesPerHour: 60 }, { updatesPerHour: 60 }],
    ['approval', 'guarded', 'guarded'],
    [
      'allowedOrigins',
      'capacitor://localhost,app://till,file://,null',
      ['capacitor://localhost', 'app://till', 'file://', 'null'],
    ],
    ['retentionDays', '2', 2],
    ['stores', '24000', 24_000],
    ['oldestSaleDays', 30, 30],
    ['salesDays', '730', 730],
    ['logDays', '7', 7],
    ['keepData', 'false', false],
    ['deletionProtection', true, true],
    ['accessLogs', 'true', true],
    ['allowedOrigins', 'https://a.example', ['https://a.example']],
    [
      'allowedOrigins',
      'https://a.example, http://b.example:8080',
      ['https://a.example', 'http://b.example:8080'],
    ],
    ['allowedOrigins', ['*'], ['*']],
    [
      'publishers',
      'arn:aws:iam::111122223333:role/erp/marketing, arn:aws:iam::111122223333:user/ada@example.com',
      ['arn:aws:iam::111122223333:role/erp/marketing', 'arn:aws:iam::111122223333:user/ada@example.com'],
    ],
    ['alarmAddress', 'ops@example.com', 'ops@example.com'],
    ['tags', 'team=retail,cost=a=b', { team: 'retail', cost: 'a=b' }],
    ['tags', { team: 'retail' }, { team: 'retail' }],
  ])('%s is taken as %j from the command line or cdk.json', (name, given, value) => {
    expect(readConfiguration({ env: 'prod', [name]: given })).toMatchObject({ [name]: value });
  });

  it('of a domain name comes with its certificate', () => {
    const domain = { certificateArn, storeDomainName: 'line.example.com' };
    expect(readConfiguration(domain)).toMatchObject(domain);
  });
});

it('of another issuer says who, by which keys and for whom', () => {
  const issuer = {
    issuer: 'https://id.example.com/',
    jwksUrl: 'https://id.example.com/jwks',
    audience: 'tills',
  };
  expect(readConfiguration(issuer)).toMatchObject(issuer);
});

describe('is refused, with what is wrong and what would be right:', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ env: 'production' }, 'env is "production": there are dev and prod; use -c env=dev, or leave it out'],
    [{ env: '' }, 'env is "": there are dev and prod'],
    [{ env: 'constructor' }, 'env is "constructor": there are dev and prod'],
    [{ postPerSecond: '5' }, 'there is no setting postPerSecond: use one of stores, retentionDays,'],
    [{ toString: '5' }, 'there is no setting toString'],
    [
      { postsPerSecond: 'fast' },
      'postsPerSecond is "fast": it must be a whole number, 1 or more; correct -c postsPerSecond=…',
    ],
    [{ postsPerSecond: '' }, 'postsPerSecond is "": it must be a whole number'],
    [{ postBurst: '1.5' }, 'postBurst is "1.5": it must be a whole number'],
    [{ stores: '0' }, 'stores is "0": it must be a whole number from 1 to 2500000'],
    [{ salesBuckets: 24 }, 'there is no setting salesBuckets: use one of stores,'],
    [{ oldestSaleDays: 0 }, 'oldestSaleDays is 0: it must be a whole number from 1 to 3650'],
    [{ salesDays: 30 }, 'salesDays is 30: it must not be less than oldestSaleDays, which is 400'],
    [{ logDays: 31 }, 'logDays is 31: it must be one of'],
    [{ retentionDays: 1 }, 'retentionDays is 1: it must be a whole number from 2 to 365'],
    [{ keepData: 'yes' }, 'keepData is "yes": it must be true or false'],
    [{ allowedOrigins: 'https://a.example/' }, 'allowedOrigins is "https://a.example/": it must be origins'],
    [{ allowedOrigins: 'a.example' }, 'allowedOrigins is "a.example": it must be origins'],
    [{ allowedOrigins: 'javascript:alert(1)' }, 'it must be origins'],
    [{ guards: 'largestChange=50' }, 'guards is "largestChange=50": it must be largestChangePercent=50,'],
    [{ guards: 'smallestAmount=0.5' }, 'guards is "smallestAmount=0.5"'],
    [{ guards: { largestChangePercent: 0 } }, 'guards is {"largestChangePercent":0}'],
    [{ approval: 'some' }, 'approval is "some": it must be one of none, guarded, all'],
    [{ publishers: 'marketing' }, 'publishers is "marketing": it must be ARNs of IAM roles or users'],
    [{ publishers: 'arn:aws:iam::111122223333:role/*' }, 'it must be ARNs of IAM roles or users'],
    [{ publishers: 'arn:aws:iam::111122223333:root' }, 'it must be ARNs of IAM roles or users'],
    [{ publishers: 'arn:aws:sts::111122223333:assumed-role/erp/session' }, 'it must be ARNs of IAM roles'],
    [{ alarmAddress: 'ops' }, 'alarmAddress is "ops": it must be an e-mail address'],
    [
      { issuer: 'https://id.example.com' },
      'another issuer needs issuer, jwksUrl and audience: set jwksUrl and audience',
    ],
    [{ jwksUrl: 'https://id.example.com/jwks', audience: 'tills' }, 'set issuer'],
    [{ issuer: 'storecast' }, 'issuer is "storecast": it must be the iss of the tokens of another issuer'],
    [{ jwksUrl: 'http://id.example.com/jwks' }, 'it must be an https URL'],
    [{ jwksUrl: 'http://127.0.0.1.example.com/jwks' }, 'it must be an https URL'],
    [{ jwksUrl: 'id.example.com' }, 'it must be an https URL'],
    [{ audience: '' }, 'audience is "": it must be the aud'],
    [{ tags: 'team' }, 'tags is "team": it must be NAME=VALUE'],
    [{ tags: 'Aws:team=retail' }, 'tags is "Aws:team=retail": it must be NAME=VALUE'],
    [{ certificateArn: 'arn:aws:iam::1:x' }, 'it must be the ARN of an ACM certificate'],
    [
      { certificateArn },
      'certificateArn has no domain name to serve: set storeDomainName or managementDomainName',
    ],
    [
      { storeDomainName: 'line.example.com' },
      'a domain name needs a certificate for it: set certificateArn to its ARN',
    ],
    [{ certificateArn, storeDomainName: 'https://a.example' }, 'it must be a domain name in lower case'],
    [
      { certificateArn, storeDomainName: 'a.example', managementDomainName: 'a.example' },
      'storeDomainName and managementDomainName are both a.example: API Gateway serves one API by a name, use two',
    ],
  ])('%j', (context, message) => {
    expect(() => readConfiguration({ ...cdk, ...context })).toThrow(message);
  });
});
