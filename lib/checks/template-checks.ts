/**
 * The project's own checks of the template, besides AWS's validator and cdk-nag. They find what both let pass and AWS
 * refuses at deploy, or accepts without effect. They run at every synth, so nothing that fails one is deployed or run.
 */
import { readFileSync } from 'node:fs';
import {
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type PolicyViolation,
  Stack,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { apiGateway } from './api-gateway.ts';
import { arns } from './arns.ts';
import { alarms, dashboards } from './cloudwatch/alarm-checks.ts';
import { failedEvents } from './failed-events.ts';
import { iamActions } from './iam-actions.ts';
import { invocations } from './invocations.ts';
import { lastingData } from './lasting-data.ts';
import { physicalNames, tags } from './physical-names.ts';
import { propertyValues } from './property-values.ts';
import { publishers } from './publishers.ts';
import { queues } from './queues.ts';
import type { Check, Deployment, Template } from './template.ts';
import { environmentVariables } from './wired-environment.ts';

/** By the name that its findings have in the report. */
export const checks: Readonly<Record<string, Check>> = {
  alarms,
  'api-gateway': apiGateway,
  arns,
  dashboards,
  'environment-variables': environmentVariables,
  'failed-events': failedEvents,
  'iam-actions': iamActions,
  'lasting-data': lastingData,
  invocations,
  names: physicalNames,
  'property-values': propertyValues,
  publishers,
  queues,
  tags,
};

export class TemplateChecks implements IPolicyValidationPlugin {
  readonly name = 'storecast';
  readonly ruleIds = Object.keys(checks);

  validate({ appConstruct, stackTemplates }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = stackTemplates.flatMap(({ region, stackConstructPath, templatePath }) => {
      const { stackName } = stackAt(stackConstructPath, appConstruct);
      return violationsIn(templatePath, { stackName, region });
    });
    return { success: violations.length === 0, violations };
  }
}

function stackAt(path: string, app: IConstruct): Stack {
  const stack = app.node.findAll().find(construct => construct.node.path === path);
  if (!Stack.isStack(stack)) throw new Error(`there is no stack at ${path}`);
  return stack;
}

function violationsIn(templatePath: string, deployment: Deployment): PolicyViolation[] {
  const template = JSON.parse(readFileSync(templatePath, 'utf8')) as Template;
  return Object.entries(checks).flatMap(([ruleName, check]) =>
    check(template, deployment).map(({ logicalId, at, problem }) => ({
      ruleName,
      description: `${at}: ${problem}`,
      severity: 'error',
      violatingResources: [{ resourceLogicalId: logicalId, templatePath, locations: [at] }],
    })),
  );
}
