/**
 * The project's own checks of the template, beside AWS's validator and cdk-nag: what both let pass and AWS refuses at
 * deploy, or takes and never does. They run at every synth, so nothing is deployed, or run locally, that fails one.
 */
import { readFileSync } from 'node:fs';
import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  PolicyViolation,
} from 'aws-cdk-lib';
import { alarms } from './alarm-checks.ts';
import { apiGateway } from './api-gateway.ts';
import { arns } from './arns.ts';
import { iamActions } from './iam-actions.ts';
import { lastingData } from './lasting-data.ts';
import { names } from './physical-names.ts';
import { publishers } from './publishers.ts';
import { queues } from './queues.ts';
import { stages } from './stages.ts';
import type { Check, Template } from './template.ts';
import { environmentVariables } from './wired-environment.ts';

/** Each by the name that a finding has in the report. */
export const checks: Readonly<Record<string, Check>> = {
  alarms,
  'api-gateway': apiGateway,
  arns,
  'environment-variables': environmentVariables,
  'iam-actions': iamActions,
  'lasting-data': lastingData,
  names,
  publishers,
  queues,
  stages,
};

export class TemplateChecks implements IPolicyValidationPlugin {
  readonly name = 'storecast';
  readonly ruleIds = Object.keys(checks);

  validate({ templatePaths }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = templatePaths.flatMap(violationsIn);
    return { success: violations.length === 0, violations };
  }
}

function violationsIn(templatePath: string): PolicyViolation[] {
  const template = JSON.parse(readFileSync(templatePath, 'utf8')) as Template;
  return Object.entries(checks).flatMap(([ruleName, check]) =>
    check(template).map(({ logicalId, at, problem }) => ({
      ruleName,
      description: `${at}: ${problem}`,
      severity: 'error',
      violatingResources: [{ resourceLogicalId: logicalId, templatePath, locations: [at] }],
    })),
  );
}
