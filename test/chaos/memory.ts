/** Whether memory grows: the slope of a straight line through the samples. */
import type { Memory } from './mortal-cloud.ts';

const MEGABYTE = 2 ** 20;
/** Code is compiled and caches fill. */
const WARM_UP_MS = 15_000;

export function describeMemory(samples: readonly Memory[]): string {
  const warm = samples.filter(({ at }) => at >= WARM_UP_MS);
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined || warm.length < 5)
    return 'the cloud’s last process lived too short to tell';
  const part = (what: 'heapUsed' | 'rss') => {
    const [from, to] = [first[what], last[what]].map(bytes => Math.round(bytes / MEGABYTE));
    const slope = slopePerMinute(warm.map(sample => [sample.at, sample[what]])) / MEGABYTE;
    return `${from} → ${to} MB, ${slope < 0 ? '' : '+'}${slope.toFixed(1)} MB a minute`;
  };
  const minutes = ((last.at - first.at) / 60_000).toFixed(1);
  return `heap after a collection ${part('heapUsed')}; resident ${part('rss')}; over ${minutes} minutes`;
}

/** Least squares. */
export function slopePerMinute(points: readonly (readonly [ms: number, value: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const covariance = mean(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  const variance = mean(points.map(([x]) => (x - meanX) ** 2));
  return variance === 0 ? 0 : (covariance / variance) * 60_000;
}
