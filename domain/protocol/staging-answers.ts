/** What the HTTP API says of updates that are not published yet, or not to all: they wait for approval, or go out in waves. */
import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger());
const text = v.string();
const textOrNull = v.nullable(text);

/** An audience whose every list is there. */
export const ListedAudience = v.object({
  regions: v.array(text),
  groups: v.array(text),
  stores: v.array(text),
});

/** Besides what is said of every update, of one that waits for a second person. */
export const heldEntries = {
  state: v.exactOptional(v.literal('waiting')),
  author: v.exactOptional(text),
  /** When it came. */
  since: v.exactOptional(text),
  /** Why it waits: each rule that it breaks, with its figures. */
  reasons: v.exactOptional(v.array(text)),
};

/** What `POST /updates` answers; one that waits says why. */
export const PublicationAnswer = v.object({
  updateId: text,
  state: heldEntries.state,
  reasons: heldEntries.reasons,
});

/** So far, of the stores of its audience; before it begins, those that it will have. */
export const RolloutWave = v.object({
  number: count,
  /** What it is published as; null where the wave has nobody. One of more stores than a frame has room for is several. */
  updateId: textOrNull,
  updateIds: v.array(text),
  targeted: count,
  applied: count,
  rejected: count,
  state: v.picklist(['waiting', 'running', 'paused', 'halted', 'finished', 'withdrawn', 'empty']),
  /** When it began; null where it has not. */
  since: textOrNull,
});
export const Rollout = v.object({
  rolloutId: text,
  kind: text,
  publishedAt: text,
  /** Null is every store. */
  audience: v.nullable(ListedAudience),
  /** `rollingBack` until its withdrawals are published. */
  state: v.picklist(['running', 'paused', 'halted', 'finished', 'rollingBack', 'rolledBack']),
  since: text,
  /** Why it halted, or why its withdrawals are not published, for people. */
  reason: v.exactOptional(text),
  soakMinutes: v.number(),
  minAppliedPercent: v.number(),
  maxRejectedPercent: v.number(),
  waves: v.array(RolloutWave),
});
export type Rollout = v.InferOutput<typeof Rollout>;
