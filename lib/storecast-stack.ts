/** A stack with nothing in it but one storecast: what this repository deploys, and the local cloud runs. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { pickSettings } from './settings/configuration.ts';
import { Storecast, type StorecastProps } from './storecast.ts';

export interface StorecastStackProps extends StackProps, Omit<StorecastProps, 'tags'> {}

export class StorecastStack extends Stack {
  constructor(scope: Construct, id: string, props: StorecastStackProps = {}) {
    super(scope, id, props);
    // CDK leaves the id `Default` out of logical ids and names: they are as if all of it stood in the stack itself.
    const storecast = new Storecast(this, 'Default', pickSettings(props));
    storecast.addOutputs();
  }
}
