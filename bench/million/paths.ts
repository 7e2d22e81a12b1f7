/** The ways in which a fleet is looked at, in an order in which each finds what it is to find. */
import type { Drawn } from './fleet-tables.ts';

export const PATHS = [
  'page',
  'largePage',
  'registry',
  'gauge',
  'books',
  'reports',
  'gather',
  'delivery',
] as const;
export type PathName = (typeof PATHS)[number];

/** What one run of a path takes. */
export interface Taken extends Drawn {
  /** CPU of the function, on this machine. */
  seconds: number;
}
