/** A chain for the page to look at: the local cloud as `npm start` runs it, its page signed in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { localSignIn } from '../../../cli/local-sign-in.ts';
import {
  createStoreClient,
  memoryOutbox,
  type StoreClient,
  type StoreClientOptions,
} from '../../../client/node.ts';
import { type AdjustableClock, createClock } from '../../../local/cloud-clock.ts';
import { type LocalCloud, startLocalCloud } from '../../../local/local-cloud.ts';
import { describeSystem, type System, unique } from '../../contract/system.ts';
import { synthesizedAssembly } from '../../local/booted-cloud.ts';

export interface Chain {
  system: System;
  /** The cloud's: what it does by schedule is due once it is advanced. */
  clock: AdjustableClock;
  /** Ends it and starts it again, at the same address and with what it kept. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
}

/** To be called at the top of a test file; it ends with the file's tests. */
export async function startChain(): Promise<Chain> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'storecast-page-'));
  const clock = createClock();
  const boot = (port: number) =>
    startLocalCloud({
      assemblyDirectory: synthesizedAssembly(),
      dataDirectory,
      port,
      clock,
      localRoutes: localSignIn,
    });
  let cloud: LocalCloud = await boot(0);
  const system = describeSystem(cloud.outputs);
  afterAll(async () => {
    for (const client of Object.values(system.clients)) client.destroy();
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  return {
    system,
    clock,
    async restart(meanwhile) {
      await cloud.stop();
      await meanwhile();
      cloud = await boot(Number(new URL(system.managementUrl).port));
    },
  };
}

/** A store as a store developer runs it, by the client library; it closes with the test. */
export async function openStore(
  system: System,
  region: string,
  storeId = unique('store'),
  options: Pick<StoreClientOptions, 'apply'> = {},
): Promise<StoreClient & { storeId: string }> {
  const token = await system.mintToken({ role: 'store', storeId, region, groups: [] });
  const client = createStoreClient({
    ...options,
    ...{ url: system.storeEndpoint, token, outbox: memoryOutbox(), WebSocket },
  });
  onTestFinished(() => client.close());
  await new Promise<void>(resolve => client.on('open', () => resolve()));
  return Object.assign(client, { storeId });
}
