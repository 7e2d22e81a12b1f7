// A chain's own CDK app, with storecast as one part of it: `npx cdk synth`, `npx cdk deploy`.
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Storecast } from 'storecast';

const app = new App();
const stack = new Stack(app, 'Chain');

const storecast = new Storecast(stack, 'Storecast', {
  retentionDays: 14,
  alarmAddress: process.env.ALARM_ADDRESS,
  tags: { team: 'retail' },
});
// What `npx storecast --outputs` needs to find it.
storecast.addOutputs();

// The chain's own price engine publishes each night.
const priceEngine = new Handler(stack, 'PriceEngine', {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromAsset('price-engine'),
  timeout: Duration.minutes(1),
  environment: { EVENT_BUS_NAME: storecast.bus.eventBusName },
});
storecast.grantPublish(priceEngine);
new Rule(stack, 'Nightly', {
  schedule: Schedule.rate(Duration.days(1)),
  targets: [new LambdaFunction(priceEngine)],
});
