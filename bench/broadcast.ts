/** (b) The reference fleet: our broadcast against the usual sample's, on the local cloud. */
import { measure, titleFor } from './broadcast/comparison.ts';

const STORES = 1_000;

export const title = titleFor(STORES);
export const run = () => measure(STORES);
