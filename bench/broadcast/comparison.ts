/** From PutEvents accepted to the last store's frame, on the local cloud: our broadcast against the usual sample's. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../cli/synthesize.ts';
import { loadTarget } from '../../cli/target.ts';
import { Comparison, type Row } from '../benchmark.ts';
import { type Part, startPart } from '../processes.ts';
import { type Sample, writeSampleAssembly } from '../sample-assembly.ts';

/** Code that runs a thousand times a round is compiled, and compiled better, for some rounds. */
export const WARM_UP_ROUNDS = 5;
export const ROUNDS = 15;
const SAMPLE = 'usual sample';
const OURS = 'storecast';

const usualSample: Sample = {
  function: 'BroadcastFunction',
  policy: 'BroadcastFunctionRole',
  code: new URL('usual-sample', import.meta.url),
  action: 'dynamodb:Scan',
  table: 'TablesConnectionsTable',
};

export const titleFor = (stores: number): string =>
  `A price to ${stores} stores of the local cloud, PutEvents accepted to the last frame`;

export async function measure(stores: number): Promise<{ rows: Row[]; timesSooner: number }> {
  const assembly = await synthesize();
  const sampleAssembly = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
  const name = (backend: string) => `${backend}, ${stores} stores`;
  try {
    writeSampleAssembly(assembly, sampleAssembly, usualSample);
    const comparison = await compare(stores, name, { [SAMPLE]: sampleAssembly, [OURS]: assembly });
    return { rows: comparison.rows(), timesSooner: comparison.timesLess(name(OURS)) };
  } finally {
    rmSync(sampleAssembly, { recursive: true });
  }
}

/** Both clouds stand side by side and take turns. */
async function compare(
  stores: number,
  name: (backend: string) => string,
  assemblies: Record<string, string>,
): Promise<Comparison> {
  const comparison = new Comparison('ms', name(SAMPLE));
  const backends: [name: string, backend: Backend][] = [];
  try {
    for (const [backend, assembly] of Object.entries(assemblies)) {
      backends.push([name(backend), await Backend.start(assembly, stores)]);
    }
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      for (const [label, backend] of backends) {
        const milliseconds = await backend.publish();
        if (round >= 0) comparison.add(label, milliseconds);
      }
    }
  } finally {
    for (const [, backend] of backends) await backend.stop();
  }
  return comparison;
}

type Publish = (source: string, type: string, detail: object) => Promise<string>;

/** A cloud of its own with its fleet. */
export class Backend {
  readonly #cloud: Part;
  readonly #fleet: Part;
  readonly #publish: Publish;

  private constructor(cloud: Part, fleet: Part, publish: Publish) {
    this.#cloud = cloud;
    this.#fleet = fleet;
    this.#publish = publish;
  }

  static async start(assembly: string, stores: number): Promise<Backend> {
    const cloud = startPart(new URL('cloud.ts', import.meta.url), { args: [assembly] });
    const outputsFile = (await cloud.ask('outputs file')) as string;
    const fleet = startPart(new URL('fleet.ts', import.meta.url), { args: [outputsFile] });
    await fleet.ask({ connect: stores });
    const target = loadTarget(outputsFile);
    return new Backend(cloud, fleet, (source, type, detail) => target.putEvent(source, type, detail));
  }

  /** @param from the moment that PutEvents is sent, or accepted @returns milliseconds */
  async publish(from: 'sent' | 'accepted' = 'accepted'): Promise<number> {
    const updateId = randomUUID();
    const arrival = this.#fleet.ask({ await: updateId });
    const detail = { updateId, prices: [{ sku: '4006381333931', amount: 199, currency: 'EUR' }] };
    const sentAt = process.hrtime.bigint();
    await this.#publish('bench', 'PriceChanged', detail);
    const begin = from === 'sent' ? sentAt : process.hrtime.bigint();
    return Number(BigInt((await arrival) as string) - begin) / 1e6;
  }

  async stop(): Promise<void> {
    await this.#cloud.ask('stop');
    await this.#fleet.stop();
    await this.#cloud.stop();
  }
}
