/**
 * The items of rollouts in the `staged` table, of what is not published yet, or not to all: what is known of a rollout and decided about it in one item (`rollout`), and apart from
 * it, since it is large and never changes, what goes out to whom (`content`).
 *
 * A decision is a write of the first, on condition that nobody has decided meanwhile. Whoever is to hear of decisions
 * reads the table's stream: it has the item before and after.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ROLLOUT_KEY } from '../../domain/names.ts';
import type { Audience } from '../../domain/updates/channels.ts';
import type { WaveFigures } from '../../domain/updates/rollout-judgement.ts';
import type { RolloutPlan } from '../../domain/updates/rollout-plan.ts';
import type { Update, UpdateKind } from '../../domain/updates/update.ts';
import { type Codec, expiry, type Item, json, number, oneOf, text } from '../aws/codecs.ts';
import { ItemSchema, optional, type RecordOf, short } from '../aws/item-schema.ts';

/** Times are milliseconds since the epoch. */
export interface RolloutWave {
  /** Of the updates that it is; none for a wave of nobody, which is passed over. */
  updateIds: string[];
  /** Stores, as they were counted when the rollout began. */
  targeted: number;
  /** Undefined until it begins. */
  beganAt?: number;
  /** When its soak began, which a resumption begins anew. */
  soakedFrom?: number;
  /** As the last decision found them. */
  figures?: WaveFigures;
}

/** A withdrawal of some of a rollout's updates, which is an update itself. */
export interface RolloutWithdrawal {
  id: string;
  updateIds: string[];
}

const key = { kind: text, rolloutId: short('id', text) };
export const ROLLOUT = ROLLOUT_KEY;
export const CONTENT = 'content';
/** The partition of the index. */
export const OPEN = 'open';

export const rolloutItem = new ItemSchema('staged', key, {
  /** Counts the decisions. */
  version: number,
  state: oneOf('running', 'paused', 'halted', 'finished', 'rollingBack', 'rolledBack'),
  /** Why it halted, or is not rolled back yet, for people. */
  reason: optional(text),
  /** Since when it is in this state. */
  since: number,
  createdAt: number,
  updateKind: json<UpdateKind>(),
  publishedAt: text,
  /** Left out for every store. */
  audience: optional(json<Audience>()),
  plan: json<RolloutPlan>(),
  /** The number of the wave that began last; 0 before the first. */
  wave: number,
  /** None until they are planned. */
  waves: json<RolloutWave[]>(),
  /** The number of the last wave that the bus has taken. */
  wavesPut: number,
  withdrawals: json<RolloutWithdrawal[]>(),
  withdrawalsPut: number,
  /** While something may be left to do: the key of the index. */
  open: optional(text),
  expiresAt: expiry,
});
export type Rollout = RecordOf<typeof rolloutItem>;
export type RolloutState = Rollout['state'];

/** The table has more than rollouts. */
export function isRollout(item: Item): boolean {
  return rolloutItem.attributes.kind.of(item) === ROLLOUT;
}

const deflated: Codec<string[][][]> = {
  encode: value => ({ B: deflateRawSync(JSON.stringify(value)) }),
  decode: ({ B }) =>
    B === undefined ? undefined : (JSON.parse(inflateRawSync(B).toString()) as string[][][]),
};

export const contentItem = new ItemSchema('staged', key, {
  /** As it was published, with its `rollout`. */
  update: json<Update>(),
  /** By wave, all but the last, and by update: the stores. Once they are chosen they stay. */
  stores: optional(deflated),
  expiresAt: expiry,
});
export type RolloutContent = RecordOf<typeof contentItem>;
