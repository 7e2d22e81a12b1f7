/**
 * The items of the `hours` table, in a partition for each month and bucket of stores: of each hour a head
 * (`head#HOUR`), and the pieces of its roll-up (`GROUPING#HOUR#NAME#PIECE`).
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Grouping } from '../../domain/sales/sales-sums.ts';
import { bytes, type Item, mapOf, number, text } from '../aws/codecs.ts';
import { ItemSchema, optional } from '../aws/item-schema.ts';

/** What is known of an hour of a bucket; an hour without a head was never late and never rolled up. */
export interface HourHead {
  hour: string;
  /** How often late sales have changed it. */
  version: number;
  /** When they last did, in milliseconds since the epoch. */
  changedAt: number;
  /** Its roll-up, if it still holds. */
  rollup: Rollup | undefined;
}

/** The pieces of a roll-up, by grouping. */
export interface Rollup {
  name: string;
  pieces: Partial<Record<Grouping, number>>;
}

const HOURS = 'hours';
const hoursKey = { monthBucket: text, hourPart: text };

export const hourHead = new ItemSchema(HOURS, hoursKey, {
  /** How often late sales have changed the hour, and when they last did (milliseconds since the epoch). */
  version: number,
  changedAt: optional(number),
  /** The version that the roll-up is of: it holds while both are the same. */
  rolledUpVersion: optional(number),
  rollup: optional(text),
  /** By grouping, how many pieces the roll-up has. */
  pieces: optional(mapOf(number)),
});

/** Sums (domain/sales/sales-sums.ts), gzipped and cut where an item ends. */
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

export function pieceKey(bucket: number, by: string, hour: string, name: string, index: number) {
  const number = String(index).padStart(3, '0');
  return { monthBucket: monthKey(hour, bucket), hourPart: `${by}#${hour}#${name}#${number}` };
}

/** The hour and the roll-up that a piece belongs to, as `HOUR#NAME`. */
export function rollupOfPiece(item: Item): string {
  return rollupPiece.attributes.hourPart.of(item).split('#', 3).slice(1).join('#');
}

export function toHead(item: Item): HourHead {
  const { changedAt = 0, hourPart, pieces = {}, rolledUpVersion, rollup, version } = hourHead.decode(item);
  const holds = rollup !== undefined && rolledUpVersion === version;
  return {
    hour: hourPart.slice(HEAD.length),
    version,
    changedAt,
    rollup: holds ? { name: rollup, pieces } : undefined,
  };
}

export function toPieces(sums: string): Buffer[] {
  if (sums === '') return [];
  const whole = gzipSync(sums);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += PIECE_BYTES) pieces.push(whole.subarray(at, at + PIECE_BYTES));
  return pieces;
}

/** @param pieces all of a roll-up's of one grouping, in their order */
export function fromPieces(pieces: readonly Item[]): string {
  if (pieces.length === 0) return '';
  return gunzipSync(Buffer.concat(pieces.map(item => rollupPiece.attributes.sums.of(item)))).toString();
}
