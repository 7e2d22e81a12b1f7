/** All rules that a till is judged by. */
import type { Rule } from './rule.ts';
import { connecting } from './rules/connecting.ts';
import { ending } from './rules/ending.ts';
import { numbering } from './rules/numbering.ts';
import { oddFrames } from './rules/odd-frames.ts';
import { pacing } from './rules/pacing.ts';
import { selling } from './rules/selling.ts';
import { syncing } from './rules/syncing.ts';
import { times } from './rules/times.ts';
import { tokens } from './rules/tokens.ts';
import { updating } from './rules/updating.ts';
import { versions } from './rules/versions.ts';
import { wholes } from './rules/wholes.ts';

export const rules: readonly Rule[] = [
  ...connecting,
  ...ending,
  ...tokens,
  ...syncing,
  ...wholes,
  ...numbering,
  ...updating,
  ...versions,
  ...times,
  ...selling,
  ...oddFrames,
  ...pacing,
];
