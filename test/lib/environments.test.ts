/** What `-c env=dev` and `-c env=prod` deploy, by the command line that deploys them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Properties, Template } from '../../lib/checks/template.ts';
import { resourcesOf } from '../../lib/checks/template.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { patience } from '../patience.ts';
import { synthesize } from '../synthesize.ts';

// Each runs the CDK's command line, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: patience(60_000), hookTimeout: patience(120_000) });

const domains = [
  'certificateArn=arn:aws:acm:eu-central-1:111122223333:certificate/abc',
  'storeDomainName=line.example.com',
  'managementDomainName=office.example.com',
];
const contexts: Record<'dev' | 'prod' | 'named', string[]> = {
  dev: ['env=dev'],
  prod: ['env=prod'],
  named: ['env=prod', 'allowedOrigins=https://till.example.com', 'alarmAddress=ops@example.com', ...domains],
};
type Name = keyof typeof contexts;

const directory = mkdtempSync(join(tmpdir(), 'storecast-environments-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const assemblyOf = (name: Name) => join(directory, name);
const results = new Map<string, { exitCode: number; output: string }>();
beforeAll(async () => {
  for (const [name, context] of Object.entries(contexts)) {
    results.set(name, await synthesize(assemblyOf(name as Name), ...context));
  }
});

const read = (name: Name, file: string) => JSON.parse(readFileSync(join(assemblyOf(name), file), 'utf8'));
const templateOf = (name: Name): Template & { Outputs: Record<string, { Value: unknown }> } =>
  read(name, 'Storecast.template.json');
const propertiesOf = (name: Name, type: string): Properties[] =>
  resourcesOf(templateOf(name), type).map(({ properties }) => properties);

describe.each(['dev', 'prod', 'named'] as const)('the environment %s', name => {
  it('synthesizes without a warning, with an empty report', () => {
    expect(results.get(name)).toEqual({ exitCode: 0, output: '' });
    expect(read(name, 'validation-report.json').pluginReports).toEqual([]);
  });

  it('is a stack of its own, with its tags', () => {
    const { stackName, tags, terminationProtection } = read(name, 'manifest.json').artifacts.Storecast
      .properties;
    const environment = name === 'dev' ? 'dev' : 'prod';
    expect({ stackName, tags, terminationProtection }).toEqual({
      stackName: `Storecast-${environment}`,
      tags: { application: 'storecast', environment },
      terminationProtection: environment === 'prod',
    });
  });
});

describe('what must last', () => {
  const kept = (name: Name) =>
    resourcesOf(templateOf(name), 'AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key').filter(
      ({ resource }) =>
        resource.DeletionPolicy === 'RetainExceptOnCreate' && resource.UpdateReplacePolicy === 'Retain',
    );

  it('stays in prod, restorable and protected, but for what is written anew: the registry of lines and the roll-ups', () => {
    const tables = propertiesOf('prod', 'AWS::DynamoDB::GlobalTable');
    const guarded = tables.filter(({ Replicas: [replica] }) => replica.DeletionProtectionEnabled === true);
    const restorable = tables.filter(
      ({ Replicas: [replica] }) =>
        replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled === true,
    );
    expect([kept('prod').length, guarded.length, restorable.length]).toEqual([
      // The token key stays as well.
      tables.length - 2 + 1,
      tables.length - 2,
      tables.length - 2,
    ]);
  });

  it('goes with the stack in dev', () => {
    expect(kept('dev')).toEqual([]);
    for (const { Replicas } of propertiesOf('dev', 'AWS::DynamoDB::GlobalTable')) {
      expect(Replicas[0].DeletionProtectionEnabled).toBeUndefined();
    }
  });
});

describe('access logs', () => {
  it('are written in prod by both stages, without what a client sent', () => {
    const formats = propertiesOf('prod', 'AWS::ApiGatewayV2::Stage').map(
      ({ AccessLogSettings }) => AccessLogSettings.Format,
    );
    expect(formats).toHaveLength(2);
    for (const format of formats) {
      expect(Object.keys(JSON.parse(format))).toEqual(expect.arrayContaining(['requestId', 'status']));
      expect(format).not.toMatch(/authorizer\.(?!error)|header|querystring|path/i);
    }
  });

  it('find the account’s role before the WebSocket stage', () => {
    const [account] = resourcesOf(templateOf('prod'), 'AWS::ApiGateway::Account');
    const stage = resourcesOf(templateOf('prod'), 'AWS::ApiGatewayV2::Stage').find(
      ({ properties }) => properties.StageName === 'prod',
    );
    expect(stage?.resource.DependsOn).toContain(account?.logicalId);
    // The role of others would be gone with this stack.
    expect(account?.resource.DeletionPolicy).toBe('Retain');
  });

  it('and the account’s role are left alone in dev', () => {
    expect(propertiesOf('dev', 'AWS::ApiGateway::Account')).toEqual([]);
    for (const stage of propertiesOf('dev', 'AWS::ApiGatewayV2::Stage')) {
      expect(stage.AccessLogSettings).toBeUndefined();
    }
  });
});

describe('domain names', () => {
  const environmentOf = (variable: string) => [
    ...new Set(
      propertiesOf('named', 'AWS::Lambda::Function')
        .map(({ Environment }) => JSON.stringify(Environment?.Variables?.[variable]))
        .filter(value => value !== undefined),
    ),
  ];

  it('are where stores and head office connect', () => {
    const { Outputs } = templateOf('named');
    expect(Outputs.StoreEndpoint?.Value).toBe('wss://line.example.com');
    expect(Outputs.ManagementUrl?.Value).toBe('https://office.example.com/');
    expect(Object.keys(Outputs)).toEqual(
      expect.arrayContaining(['StoreDomainTarget', 'ManagementDomainTarget']),
    );
    const mappings = propertiesOf('named', 'AWS::ApiGatewayV2::ApiMapping');
    expect(mappings.map(({ Stage, ApiMappingKey }) => [Stage, ApiMappingKey])).toEqual([
      ['prod', undefined],
      ['$default', undefined],
    ]);
  });

  it('leave the posts at the stage’s own address, the only one that takes them', () => {
    const [address, ...others] = environmentOf('GATEWAY_ENDPOINT');
    expect(address).toContain('.execute-api.');
    expect(others).toEqual([]);
  });

  it('are the origin of the page, beside those that the deployment names', () => {
    expect(environmentOf('ALLOWED_ORIGINS')).toEqual([
      '"https://office.example.com https://till.example.com"',
      // Whose pages may renew their tokens; the management page is of the very origin that it calls.
      '"https://till.example.com"',
    ]);
  });
});

it('alarms go to the address that the deployment names', () => {
  const [subscription] = propertiesOf('named', 'AWS::SNS::Subscription');
  const [topic] = resourcesOf(templateOf('named'), 'AWS::SNS::Topic');
  expect(subscription).toEqual({
    Protocol: 'email',
    Endpoint: 'ops@example.com',
    TopicArn: { Ref: topic?.logicalId },
  });
});

it('two environments of an account keep their metrics and alarms apart', () => {
  for (const name of ['dev', 'prod'] as const) {
    const stages = propertiesOf(name, 'AWS::Lambda::Function').map(
      ({ Environment }) => Environment.Variables.STAGE,
    );
    expect([...new Set(stages)]).toEqual([`Storecast-${name}`]);
    for (const { AlarmName } of propertiesOf(name, 'AWS::CloudWatch::Alarm')) {
      expect(AlarmName).toMatch(new RegExp(`^Storecast-${name}-\\w+$`));
    }
  }
});

describe('the local cloud', () => {
  const boot = async (name: Name) => {
    const cloud = await startLocalCloud({
      assemblyDirectory: assemblyOf(name),
      dataDirectory: join(directory, `data-${name}`),
      port: 0,
    });
    onTestFinished(() => cloud.stop());
    return cloud;
  };

  it.each(['dev', 'prod'] as const)('runs the template of %s', async name => {
    expect(await boot(name)).toMatchObject({ stackName: `Storecast-${name}` });
  });

  it('says that it has no domain names', async () => {
    await expect(boot('named')).rejects.toThrow("can't run the resource type AWS::ApiGatewayV2::DomainName");
  });
});

it.each([
  ['env=production', 'env is "production": there are dev and prod; use -c env=dev'],
  ['postsPerSecond=fast', 'postsPerSecond is "fast": it must be a whole number, 1 or more'],
])('-c %s stops the synth and says why', async (context, message) => {
  const { exitCode, output } = await synthesize(join(directory, 'refused'), context);
  expect(output).toContain(message);
  expect(exitCode).toBe(1);
});
