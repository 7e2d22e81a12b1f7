/** What goes wrong, when and for how long: a seed fixes it. Which call it then meets is the machine's. */
import { FAIR, type Weather } from './bad-network.ts';
import { type CloudFaults, NO_FAULTS } from './faults.ts';
import type { Random } from './random.ts';

export interface Episode {
  atMs: number;
  /** 0 for what happens once. */
  forMs: number;
  kind: string;
  faults?: Partial<CloudFaults>;
  /** Of the lines of this share of the stores. */
  weather?: { share: number; weather: Weather };
  /** Ends the lines of this share of the stores at once. */
  cutShare?: number;
  killsCloud?: boolean;
  /** Until its end no file can be written; then the cloud is started again. */
  fillsDisk?: boolean;
  poisons?: boolean;
}

type Content = Omit<Episode, 'atMs' | 'forMs' | 'kind'>;

const TABLES = ['Connections', 'Updates', 'Current', 'Stores', 'Inbox', 'Receipts', 'Sales', 'Hours'];

const KINDS: Record<string, (random: Random) => Content> = {
  'Lambdas are killed': () => ({ faults: { killLambda: 0.4 } }),
  'Lambdas are throttled': () => ({ faults: { throttleLambda: 0.5 } }),
  'posts are answered 429': () => ({ faults: { throttlePost: 0.5 } }),
  'posts are answered 500': () => ({ faults: { failPost: 0.3 } }),
  'posts are lost': () => ({ faults: { losePost: 0.3 } }),
  '$disconnects are lost': random => ({ faults: { loseDisconnect: 0.7 }, cutShare: random.next() * 0.2 }),
  'a table refuses writes': random => ({ faults: { refuseWrites: `${random.pick(TABLES)}Table` } }),
  'sales are refused': () => ({ faults: { refuseWrites: 'SalesTable' } }),
  'the network is bad': () => ({
    weather: { share: 0.5, weather: { ...FAIR, lose: 0.1, double: 0.2, late: 0.2 } },
  }),
  'a reconnect storm': random => ({ cutShare: 0.5 + random.next() * 0.5 }),
  'events are poison': () => ({ poisons: true }),
  'the cloud is killed': () => ({ killsCloud: true }),
  'lines hang': () => ({ faults: { hangLines: 0.1 } }),
  'stores read nothing': () => ({ weather: { share: 0.2, weather: { ...FAIR, isUnread: true } } }),
  'the disk is full': () => ({ fillsDisk: true }),
};

/** In this first part of a run the cloud is killed; for the rest of it one process lives, whose memory is watched. */
const KILLING_SHARE = 0.4;
const [SHORTEST_GAP_MS, LONGEST_GAP_MS] = [500, 5_000];

/** Deals each kind once before any comes again, so that a short run meets them all. */
export function planChaos(random: Random, durationMs: number): Episode[] {
  const names = Object.keys(KINDS);
  const gapMs = Math.min(Math.max(durationMs / (2.5 * names.length), SHORTEST_GAP_MS), LONGEST_GAP_MS);
  const episodes: Episode[] = [];
  let deck: string[] = [];
  for (let atMs = gapMs; atMs < durationMs; atMs += gapMs) {
    if (deck.length === 0) deck = shuffled(names, random);
    const kind = deck.pop() ?? '';
    const content = KINDS[kind]?.(random) ?? {};
    if (atMs > durationMs * KILLING_SHARE && isDeadly(content) && episodes.some(dealt => dealt.kind === kind))
      continue;
    episodes.push({ atMs, forMs: lasts(content) ? gapMs * random.between(1, 3) : 0, kind, ...content });
  }
  return episodes;
}

/** All that holds at once; where two differ in how hard, the harder one. */
export function mergeFaults(active: Iterable<Episode>): CloudFaults {
  const merged = { ...NO_FAULTS };
  for (const { faults = {} } of active) {
    const { refuseWrites = merged.refuseWrites, ...shares } = faults;
    for (const [name, share] of Object.entries(shares)) {
      const key = name as keyof typeof shares;
      merged[key] = Math.max(merged[key], share);
    }
    merged.refuseWrites = refuseWrites;
  }
  return merged;
}

export function mergeWeather(active: Iterable<Episode>): { share: number; weather: Weather } {
  for (const { weather } of active) if (weather !== undefined) return weather;
  return { share: 0, weather: FAIR };
}

function lasts({ faults, fillsDisk, weather }: Content): boolean {
  return faults !== undefined || weather !== undefined || fillsDisk === true;
}

/** The cloud's process does not outlive it. */
function isDeadly({ fillsDisk, killsCloud }: Content): boolean {
  return killsCloud === true || fillsDisk === true;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map(item => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
