/** What the reference fleet does in a minute, alike for every variant: sales at random times, and how news is timed. */
export const STORES = 1_000;
export const SALES_PER_MINUTE = 7;
export const POLLS_PER_MINUTE = 2;

/** Random times, so many in each minute, in milliseconds. */
export function randomTimes(perMinute: number, minutes: number): number[] {
  return eachMinute(minutes, () => Array.from({ length: perMinute }, () => Math.random() * 60_000));
}

/** Spread evenly, from a random first one on. */
export function evenTimes(perMinute: number, minutes: number): number[] {
  const first = Math.random();
  return eachMinute(minutes, () =>
    Array.from({ length: perMinute }, (_, index) => ((first + index) / perMinute) * 60_000),
  );
}

/** Of a minute that is not whole, the beginning. */
function eachMinute(minutes: number, times: () => number[]): number[] {
  return Array.from({ length: Math.ceil(minutes) }, (_, minute) => times().map(ms => minute * 60_000 + ms))
    .flat()
    .filter(ms => ms < minutes * 60_000);
}

/** An update's id says when it was published, by the machine's own clock, which all its processes share. */
export function idNow(): string {
  return `at-${process.hrtime.bigint()}`;
}

/** @returns milliseconds since an update with such an id was published */
export function ageOf(id: string): number {
  return Number(process.hrtime.bigint() - BigInt(id.slice('at-'.length))) / 1e6;
}

/** What every variant's stores tell in the end. */
export interface Tally {
  connections: number;
  /** Requests, or WebSocket messages, from the stores. */
  asked: number;
  /** Of HTTP: their answers. Of the line: answers and updates. */
  received: number;
  bytes: number;
  failed: number;
  /** Of each update at each store, milliseconds from its publishing. */
  delays: number[];
  cpuMs: number;
}

export function emptyTally(): Tally {
  return { connections: 0, asked: 0, received: 0, bytes: 0, failed: 0, delays: [], cpuMs: 0 };
}
