/**
 * The name of one storecast in its account and Region. Physical names and the dimensions of metrics begin with it, so two
 * storecasts of an app, of a stack or of an account never share one.
 */
import { Names } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const CONTEXT_KEY = 'storecast:deployment-name';

/** Alarms, dashboards and event buses append to it, and may have some 250 characters. */
const MOST_CHARACTERS = 160;

/** Names what is built in this scope: the stack's name, then the path of the scope in its stack. Call it before the scope has children. */
export function nameDeployment(scope: Construct): void {
  const name = Names.uniqueResourceName(scope, {
    allowedSpecialCharacters: '-',
    separator: '-',
    maxLength: MOST_CHARACTERS,
  });
  scope.node.setContext(CONTEXT_KEY, name);
}

/** @throws Error outside of a scope that was named */
export function deploymentName(scope: Construct): string {
  return scope.node.getContext(CONTEXT_KEY);
}
