/**
 * A message of any topic: what both sides say that is no price, no offer and no sale, such as a recall, a staff notice, a
 * stock request and its answer. storecast carries it and doesn't look into its `data`.
 */
import * as v from 'valibot';

/** What the message is about, so that whoever gets it knows what its data is: `recall`, `stock/request`. */
export const Topic = v.pipe(
  v.string('must be a string'),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, 'must be 1 to 128 letters, digits or . _ : / -'),
);

/** Of every message, whichever way it goes: `data` is any JSON value, null too, and never left out. */
export const messageEntries = { topic: Topic, data: v.unknown() };

/** The topics that a chain has, `*` for any. */
export type Topics = typeof ANY_TOPIC | ReadonlySet<string>;

/** How a variable says that there may be any topic, or none: no topic has such a name. */
export const ANY_TOPIC = '*';
export const NO_TOPIC = '-';

/** @param text words with a space between */
export function readTopics(text: string): Topics {
  if (text === ANY_TOPIC) return ANY_TOPIC;
  return new Set(text.split(' ').filter(topic => topic !== NO_TOPIC));
}

export function hasTopic(topics: Topics, topic: string): boolean {
  return topics === ANY_TOPIC || topics.has(topic);
}

/** What is said of a message whose topic the chain doesn't have. */
export function noTopic(topic: string, topics: Topics): string {
  const known = topics === ANY_TOPIC ? [] : [...topics];
  const others = known.length > 0 ? `, which are ${known.join(', ')}` : '';
  return `topic: ${topic} is none of this chain's${others}`;
}
