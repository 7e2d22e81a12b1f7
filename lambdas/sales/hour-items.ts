/**
 * The items of the `hours` table, in a partition for each month and bucket of stores: of each hour a head
 * (`head#HOUR`), and the pieces of its roll-up (`KIND#HOUR#NAME#PIECE`).
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { bytes, flag, type Item, mapOf, number, text, textSet } from '../aws/codecs.ts';
import { ItemSchema, optional } from '../aws/item-schema.ts';
import type { PieceKind } from './regional-sums.ts';

/** What is known of an hour of a bucket; an hour without a head was never late and never rolled up. */
export interface HourHead {
  hour: string;
  /** How often late sales were announced. */
  version: number;
  /** When they last were, in milliseconds since the epoch. */
  changedAt: number;
  /** Stores of which late sales came since the hour was last rolled up whole. */
  changed: readonly string[];
  /** Those stores are too many to be told apart. */
  isOverrun: boolean;
  rollup: Rollup | undefined;
}

/** A roll-up: the number of its pieces of each kind. */
export interface Rollup {
  name: string;
  pieces: Partial<Record<PieceKind, number>>;
  /** How many of the head's changed stores it leaves out. */
  apart: number;
}

const HOURS = 'hours';
const hoursKey = { monthBucket: text, hourPart: text };

export const hourHead = new ItemSchema(HOURS, hoursKey, {
  version: optional(number),
  changedAt: optional(number),
  changed: optional(textSet),
  isOverrun: optional(flag),
  rollupName: optional(text),
  pieces: optional(mapOf(number)),
  apart: optional(number),
});

/** Sums (domain/sales/sales-sums.ts) or counts (price-audit.ts), gzipped and cut where an item ends. */
export const rollupPiece = new ItemSchema(HOURS, hoursKey, { sums: bytes });

/** An item holds 400 KB. */
const PIECE_BYTES = 350 * 1024;
const HEAD = 'head#';

/** @param hour or its month */
export function monthKey(hour: string, bucket: number): string {
  return `${hour.slice(0, 7)}#${bucket}`;
}

export function headKey(bucket: number, hour: string) {
  return { monthBucket: monthKey(hour, bucket), hourPart: `${HEAD}${hour}` };
}

export function pieceKey(bucket: number, kind: string, hour: string, name: string, index: number) {
  const number = String(index).padStart(3, '0');
  return { monthBucket: monthKey(hour, bucket), hourPart: `${kind}#${hour}#${name}#${number}` };
}

/** The hour and the roll-up that a piece belongs to, as `HOUR#NAME`. */
export function rollupOfPiece(item: Item): string {
  return rollupPiece.attributes.hourPart.of(item).split('#', 3).slice(1).join('#');
}

export function toHead(item: Item): HourHead {
  const {
    changed = [],
    changedAt = 0,
    hourPart,
    isOverrun = false,
    version = 0,
    ...known
  } = hourHead.decode(item);
  const { apart = 0, pieces = {}, rollupName: name } = known;
  const rollup = name === undefined ? undefined : { name, pieces, apart };
  return { hour: hourPart.slice(HEAD.length), version, changedAt, changed, isOverrun, rollup };
}

/** The roll-up of a head, if with its changed stores it tells all that was sold in the hour. */
export function currentRollup({ changed, isOverrun, rollup }: HourHead): Rollup | undefined {
  // Until the hour is rolled up whole, a store that has changed it stays among the changed ones.
  return rollup?.apart === changed.length && !isOverrun ? rollup : undefined;
}

export function toPieces(sums: string): Buffer[] {
  if (sums === '') return [];
  const whole = gzipSync(sums);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += PIECE_BYTES) pieces.push(whole.subarray(at, at + PIECE_BYTES));
  return pieces;
}

/** @param pieces all of a roll-up's of one kind, in their order */
export function fromPieces(pieces: readonly Item[]): string {
  if (pieces.length === 0) return '';
  return gunzipSync(Buffer.concat(pieces.map(item => rollupPiece.attributes.sums.of(item)))).toString();
}
