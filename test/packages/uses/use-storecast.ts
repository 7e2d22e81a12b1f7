/** A chain's own CDK app in TypeScript, compiled in a project that has the package and its peers alone. */
import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Storecast, type StorecastProps } from 'storecast';

const stack = new Stack(new App(), 'Chain');
const props: StorecastProps = { retentionDays: 14, publishers: [], tags: { team: 'retail' } };
const storecast = new Storecast(stack, 'Storecast', props);
storecast.grantPublish(
  new Role(stack, 'Engine', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
);
export const names: string[] = [
  storecast.bus.eventBusName,
  storecast.storeEndpoint,
  storecast.management.origin,
  storecast.stores.endpoint,
  storecast.tables.sales.table.tableName,
  storecast.alarms.topic.topicArn,
];
// @ts-expect-error there is no such setting
export const slip: StorecastProps = { alarmAdress: 'ops@example.com' };
