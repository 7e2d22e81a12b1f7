/** `npm run chaos -- [--minutes N] [--seed S] [--stores N]`: injects, waits, reckons; exit code 1 if anything was lost, or had not come yet. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize } from '../../cli/synthesize.ts';
import { describeMemory } from './memory.ts';
import { type ChaosReport, runChaos } from './run.ts';

const USAGE = 'npm run chaos -- [--minutes N] [--seed S] [--stores N]';
const SHOWN_LOSSES = 30;

interface Arguments {
  minutes: number;
  seed: number;
  stores: number;
}

function readArguments(): Arguments | undefined {
  try {
    const options = {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      stores: { type: 'string' },
    } as const;
    const { values } = parseArgs({ options });
    const { minutes = '5', seed = String(Date.now() % 1_000_000), stores = '1000' } = values;
    const read = { minutes: Number(minutes), seed: Number(seed), stores: Number(stores) };
    const isGood =
      read.minutes > 0 && Number.isInteger(read.seed) && Number.isInteger(read.stores) && read.stores > 0;
    return isGood ? read : undefined;
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) return undefined;
    throw error;
  }
}

async function main({ minutes, seed, stores }: Arguments): Promise<void> {
  console.log(`chaos: ${stores} stores at 7 sales a minute, ${minutes} minutes, seed ${seed}`);
  const directory = mkdtempSync(join(tmpdir(), 'storecast-chaos-'));
  const assembly = await synthesize();
  const report = await runChaos({
    assembly,
    directory,
    stores,
    seconds: minutes * 60,
    seed,
    say: console.log,
  });
  print(report);
  if (report.lost.length + report.unsettled.length === 0) rmSync(directory, { recursive: true });
  else {
    console.log(`what the cloud and the stores had on disk is in ${directory}`);
    process.exitCode = 1;
  }
}

function print({
  deliveries,
  injected,
  lost,
  memory,
  poisons,
  sales,
  settledAfterMs,
  unsettled,
  updates,
}: ChaosReport): void {
  const number = (value: number) => value.toLocaleString('en-US');
  console.log('injected');
  for (const [what, times] of Object.entries(injected)) console.log(`  ${number(times).padStart(9)} ${what}`);
  console.log('went in, and came out');
  console.log(`  ${number(sales).padStart(9)} sales printed`);
  console.log(`  ${number(updates).padStart(9)} updates accepted, for ${number(deliveries)} stores in sum`);
  console.log(`  ${number(poisons).padStart(9)} poison events`);
  const after = `${(settledAfterMs / 1_000).toFixed(1)} s after the last fault`;
  console.log(
    unsettled.length === 0
      ? `settled ${after}`
      : `not settled yet ${after}: ${unsettled.length} on their way`,
  );
  for (const what of unsettled.slice(0, SHOWN_LOSSES)) console.log(`  ${what}`);
  console.log(`memory of the cloud: ${describeMemory(memory)}`);
  console.log(lost.length === 0 ? 'lost: nothing' : `lost: ${lost.length}`);
  for (const what of lost.slice(0, SHOWN_LOSSES)) console.log(`  ${what}`);
}

const given = readArguments();
if (given === undefined) {
  console.error(`usage: ${USAGE}`);
  process.exitCode = 2;
} else await main(given);
