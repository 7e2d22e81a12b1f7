/** What a storm takes of the machine's cores: by the system's count, whatever the clock says. */
import { usageOf } from '../machine/process-usage.ts';
import type { Part } from '../processes.ts';

export interface StormCost {
  cloudCpuMs: number;
  storesCpuMs: number;
}

export async function costOf<T>(
  { cloud, stores }: Record<'cloud' | 'stores', Part>,
  work: () => Promise<T>,
): Promise<{ result: T; cost: StormCost }> {
  const cpuMs = ({ pid = 0 }: Part) => usageOf(pid).cpuMs;
  const before = [cpuMs(cloud), cpuMs(stores)] as const;
  const result = await work();
  return { result, cost: { cloudCpuMs: cpuMs(cloud) - before[0], storesCpuMs: cpuMs(stores) - before[1] } };
}
