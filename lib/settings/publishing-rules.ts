/** What an update must keep to before it is published, told to whoever publishes. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Environment } from '../../domain/names.ts';
import type { Configuration } from './configuration.ts';

/** Sets nothing where nothing is asked: without these variables no function reads a thing for it. */
export function tellRules(
  { approval, guards }: Pick<Configuration, 'approval' | 'guards'>,
  ...handlers: lambda.Function[]
): void {
  for (const handler of handlers) {
    if (Object.keys(guards).length > 0) handler.addEnvironment(Environment.guards, JSON.stringify(guards));
    if (approval !== 'none') handler.addEnvironment(Environment.approval, approval);
  }
}
