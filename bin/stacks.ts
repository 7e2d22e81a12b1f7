/** The CDK app: what `cdk synth` and `cdk deploy` run, and so what the local cloud boots. */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { TemplateChecks } from '../lib/checks/template-checks.ts';
import { readConfiguration } from '../lib/settings/configuration.ts';
import { StorecastStack } from '../lib/storecast-stack.ts';

const app = new App();
// AWS's own validator runs besides: `cdk synth --strict` fails where any of the three has something to say.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new TemplateChecks());
const { environment, tags, ...settings } = readConfiguration(app.node.getAllContext());
new StorecastStack(app, 'Storecast', {
  description: 'The live line between a retail chain and its stores',
  // Two environments may share an account and a Region.
  stackName: environment === undefined ? 'Storecast' : `Storecast-${environment}`,
  terminationProtection: settings.deletionProtection,
  ...(tags === undefined ? {} : { tags: { ...tags } }),
  ...settings,
});
