/** The CDK app: what `cdk synth` and `cdk deploy` run, and so what the local cloud boots. */
import { App } from 'aws-cdk-lib';
import { StorecastStack } from '../lib/storecast-stack.ts';

const app = new App();
new StorecastStack(app, 'Storecast', {
  description: 'The live line between a retail chain and its stores',
});
