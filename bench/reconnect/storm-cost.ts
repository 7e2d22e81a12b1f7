/** What a storm takes of the machine's cores: by the system's count, whatever the clock says. */
import { availableParallelism } from 'node:os';
import { machineCpuMs, usageOf } from '../jitter/process-usage.ts';
import type { Part } from '../processes.ts';

export interface StormCost {
  cloudCpuMs: number;
  storesCpuMs: number;
  /** Of all cores, what neither took, in percent. */
  othersPercent: number;
}

export async function costOf<T>(
  { cloud, stores }: Record<'cloud' | 'stores', Part>,
  work: () => Promise<T>,
): Promise<{ result: T; cost: StormCost }> {
  const cpuMs = ({ pid = 0 }: Part) => usageOf(pid).cpuMs;
  const before = [cpuMs(cloud), cpuMs(stores)] as const;
  const [machine, startedAt] = [machineCpuMs(), performance.now()];
  const result = await work();
  const [cloudCpuMs, storesCpuMs] = [cpuMs(cloud) - before[0], cpuMs(stores) - before[1]];
  const others = machineCpuMs() - machine - cloudCpuMs - storesCpuMs;
  const capacity = (performance.now() - startedAt) * availableParallelism();
  const othersPercent = (100 * Math.max(0, others)) / capacity;
  return { result, cost: { cloudCpuMs, storesCpuMs, othersPercent } };
}
