/** All rules that a till is judged by, in the order in which docs/protocol.md comes to them. */
import type { Rule } from './rule.ts';
import { connecting } from './rules/connecting.ts';
import { selling } from './rules/selling.ts';
import { updating } from './rules/updating.ts';

export const rules: readonly Rule[] = [...connecting, ...updating, ...selling];
