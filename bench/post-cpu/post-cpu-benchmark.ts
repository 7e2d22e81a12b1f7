/** (a) The CPU of one post by the poster that broadcasts use, against the usual sample's `Promise.all` over the SDK alone. */
import { Comparison, type Outcome } from '../benchmark.ts';
import { type Part, startPart } from '../processes.ts';

export const title = 'CPU of a post through @connections (300-byte body, answers after 5–20 ms)';

const ROUNDS = 7;
const POSTS = 2_000;
const VARIANTS = ['usualSample', 'onUndici', 'shortPath', 'poster'];
const NAMES: Record<string, string> = {
  usualSample: 'SDK, Promise.all',
  onUndici: 'our signature, undici Pool',
  shortPath: 'client.send, short path',
  poster: 'poster: window, pacing, retries',
};

export async function run(): Promise<Outcome> {
  const gateway = startPart(new URL('answering-gateway.ts', import.meta.url));
  try {
    const { ca, plain, tls } = (await gateway.ask('start')) as Record<string, string>;
    const overPlain = await measure('plain', [plain ?? '', ca ?? '']);
    const overTls = await measure('TLS', [tls ?? '', ca ?? '']);
    return {
      rows: [...overPlain.rows(), ...overTls.rows()],
      goals: [
        {
          what: 'CPU of a post over TLS, times less than by the SDK',
          value: overTls.timesLess(nameOf('poster', 'TLS')),
          unit: '×',
          must: 7,
          moonshot: 10,
          better: 'more',
        },
      ],
    };
  } finally {
    await gateway.stop();
  }
}

/** All variants are warm and take turns; the first round of each is not counted. */
async function measure(protocol: string, gateway: string[]): Promise<Comparison> {
  const comparison = new Comparison('µs', nameOf('usualSample', protocol));
  const posters: [name: string, part: Part][] = VARIANTS.map(variant => [
    nameOf(variant, protocol),
    startPart(new URL('poster-variants.ts', import.meta.url), { args: [variant, ...gateway] }),
  ]);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, part] of posters) {
      const { cpuMicroseconds } = (await part.ask({ posts: POSTS })) as { cpuMicroseconds: number };
      if (round > 0) comparison.add(name, cpuMicroseconds);
    }
  }
  for (const [, part] of posters) await part.stop();
  return comparison;
}

function nameOf(variant: string, protocol: string): string {
  return `${NAMES[variant]}, ${protocol}`;
}
