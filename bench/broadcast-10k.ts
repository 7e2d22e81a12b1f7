/** (b) Ten of the reference fleets: our broadcast against the usual sample's, on the local cloud. */
import { measure, titleFor } from './broadcast/comparison.ts';

const STORES = 10_000;

export const title = titleFor(STORES);
export const run = () => measure(STORES);
