/**
 * AWS's own validation, cdk-nag and the project's checks run at every synth, offline. A clean report is empty, and so is
 * that of a validation which never ran: the same template, broken in one place, must be refused.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { TemplateChecks } from '../../lib/checks/template-checks.ts';
import { patience } from '../patience.ts';

// Each runs the CDK's command line, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: patience(60_000) });

const root = join(import.meta.dirname, '..', '..');
const { assembly, exitCode, output } = inject('synthesis');

describe("cdk synth '**' --strict", () => {
  it('succeeds without a warning', () => {
    expect(output).toBe('');
    expect(exitCode).toBe(0);
  });

  it('leaves an empty report', () => {
    const report = JSON.parse(readFileSync(join(assembly, 'validation-report.json'), 'utf8'));
    expect(report).toMatchObject({ title: 'Validation Report', pluginReports: [] });
  });

  it('needs no context of an account', () => {
    const manifest = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8'));
    expect(manifest.missing).toBeUndefined();
  });

  it('passes the template as it is when it comes by the way of the broken ones', async () => {
    expect(await validate(() => {})).toEqual({ exitCode: 0, output: '' });
  });

  it.each<[string, string, (properties: Properties) => void, string]>([
    [
      'an unknown property',
      'AWS::SQS::Queue',
      properties => Object.assign(properties, { Retention: 14 }),
      "Additional properties are not allowed ('Retention' was unexpected)",
    ],
    [
      'a number out of its range',
      'AWS::Lambda::Function',
      properties => Object.assign(properties, { Timeout: 901 }),
      'Timeout: 901 exceeds maximum 900',
    ],
    [
      'a policy with another effect',
      'AWS::IAM::Policy',
      properties => Object.assign(properties, { PolicyDocument: { Statement: [{ Effect: 'Maybe' }] } }),
      "'Maybe' is not one of ['Allow', 'Deny']",
    ],
    // Only a warning: without --strict it would pass.
    [
      'a value that its property does not know',
      'AWS::KMS::Key',
      properties => Object.assign(properties, { KeySpec: 'ECC_NIST_P257' }),
      "KeySpec: 'ECC_NIST_P257' is not one of",
    ],
    // Ours: each has its own control in checks/template-checks.test.ts.
    [
      'a handshake that would get 401 from everybody',
      'AWS::ApiGatewayV2::Authorizer',
      properties => Object.assign(properties, { IdentitySource: ['method.request.header.Authorization'] }),
      'must be an identity source of a WEBSOCKET API',
    ],
    [
      'a bus that only one stack of an account can have',
      'AWS::Events::EventBus',
      properties => Object.assign(properties, { Name: 'updates' }),
      'updates is the same in every stack of the account',
    ],
  ])('refuses %s', async (_title, type, damage, problem) => {
    const result = await validate(template => {
      const resource = Object.values(template.Resources).find(({ Type }) => Type === type);
      if (resource === undefined) throw new Error(`the template has no ${type}`);
      damage(resource.Properties);
    });
    expect(result.output).toContain(problem);
    expect(result.exitCode).toBe(1);
  });
});

it('refuses what cdk-nag finds and nobody has acknowledged', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'storecast-nag-'));
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
  const app = new App({ context: { '@aws-cdk/core:failSynthOnValidationErrors': false }, outdir });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Stack(app, 'Open');
  const acknowledged = new Queue(stack, 'Acknowledged', { enforceSSL: true });
  Validations.of(acknowledged).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'a control' });
  new Queue(stack, 'Open', { enforceSSL: true });
  app.synth();
  const { exitCode, output } = await judge(outdir);
  expect(exitCode).toBe(1);
  expect(output).toContain("Acknowledge with 'AwsSolutions::AwsSolutions-SQS3'");
  expect(output).toContain('Open/Open/Resource');
  expect(output).not.toContain('Open/Acknowledged');
});

type Properties = Record<string, unknown>;
interface EditedTemplate {
  Resources: Record<string, { Type: string; Properties: Properties }>;
  Parameters?: unknown;
  Rules?: unknown;
}

/** Puts an edited template through the same app, flags and command. */
async function validate(
  edit: (template: EditedTemplate) => void,
): Promise<{ exitCode: number; output: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-template-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const template: EditedTemplate = JSON.parse(
    readFileSync(join(assembly, 'Storecast.template.json'), 'utf8'),
  );
  // Every stack gets CDK's check of the bootstrap version anew.
  delete template.Parameters;
  delete template.Rules;
  edit(template);
  const templateFile = join(directory, 'template.json');
  writeFileSync(templateFile, JSON.stringify(template));
  return judge(synthesize(templateFile, join(directory, 'cdk.out')));
}

function synthesize(templateFile: string, outdir: string): string {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  // What the CLI tells an app that it runs: write the report and leave the verdict to it.
  const reportOnly = { '@aws-cdk/core:failSynthOnValidationErrors': false };
  const app = new App({ context: { ...context, ...reportOnly }, outdir });
  Validations.of(app).addPlugins(new TemplateChecks());
  // By its own name, which the names of its resources begin with.
  new CfnInclude(new Stack(app, 'Edited', { stackName: 'Storecast' }), 'Template', { templateFile });
  app.synth();
  return outdir;
}

function judge(cloudAssembly: string): Promise<{ exitCode: number; output: string }> {
  const binaries = join(root, 'node_modules', '.bin');
  const options = ['synth', '**', '--strict', '--quiet', '--app', cloudAssembly];
  return new Promise(resolve => {
    execFile(join(binaries, 'cdk'), options, { cwd: cloudAssembly }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, output: `${stdout}${stderr}` });
    });
  });
}
