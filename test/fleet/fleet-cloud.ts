/**
 * The local cloud under a fleet: the synthesized template with a log that forgets after a day and workers that take
 * three stores each, a clock to jump with,
 * faults to switch on and off, and a broadcast whose environment can be made to die at any of its calls.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AttributeValue,
  ListTablesCommand,
  ScanCommand,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { type AdjustableClock, createClock } from '../../local/cloud-clock.ts';
import type { Faults, Limits } from '../../local/cloud-options.ts';
import type { System } from '../contract/system.ts';
import { type BootedCloud, bootCloud, editedAssembly, temporaryDirectory } from '../local/booted-cloud.ts';

export const RETENTION_DAYS = 1;
export const DAY_MS = 86_400_000;
/** So few that a fleet of eight takes several workers. */
const MEMBERS_PER_WORKER = '3';

export interface LogItem {
  channel: string;
  position: number;
  updateId: string;
}

/** An update as the HTTP API tells it. */
export type Published = Omit<UpdateFrame, 'id' | 'type' | 'positions'> & {
  updateId: string;
  audience: { regions: string[]; groups: string[]; stores: string[] } | null;
  positions: Record<string, number> | null;
};

export interface Delivery {
  targeted: number;
  applied: number;
  rejected: number;
  pending: number;
  offline: number;
  expired: number;
  stores: { storeId: string; state: string; reason?: string }[];
}

export class FleetCloud {
  readonly clock: AdjustableClock = createClock();
  /** May be changed at any time. */
  readonly faults: Faults = {};
  readonly #limits: Partial<Limits>;
  readonly #assembly: string;
  readonly #dataDirectory = temporaryDirectory();
  readonly #crashFile = join(temporaryDirectory(), 'crash-at-call');
  readonly #logs: string[] = [];
  #booted: BootedCloud | undefined;
  /** The function that takes the stores' frames. */
  #frames = '';

  private constructor(limits: Partial<Limits>) {
    this.#limits = limits;
    let broadcast = '';
    this.#assembly = editedAssembly(template => {
      for (const [id, { Properties }] of Object.entries(template.Resources)) {
        const { Code, Environment: { Variables = {} } = {} } = Properties as FunctionProperties;
        if (Variables[Environment.retentionDays] !== undefined)
          Variables[Environment.retentionDays] = String(RETENTION_DAYS);
        if (Variables[Environment.membersPerWorker] !== undefined)
          Variables[Environment.membersPerWorker] = MEMBERS_PER_WORKER;
        if (/^Stores[0-9A-F]{8}$/.test(id)) this.#frames = `Storecast-${id}`;
        if (id.startsWith('BroadcastFunction') && Code?.S3Key !== undefined)
          broadcast = `asset.${Code.S3Key.replace('.zip', '')}`;
      }
    });
    makeMortal(join(this.#assembly, broadcast, 'index.cjs'), this.#crashFile);
  }

  static async boot(limits: Partial<Limits> = {}): Promise<FleetCloud> {
    const cloud = new FleetCloud(limits);
    await cloud.#boot();
    return cloud;
  }

  get system(): System {
    return this.#current.system;
  }

  /** Lines of the functions' logs so far, over all restarts. */
  get logs(): readonly string[] {
    return this.#logs;
  }

  get errors(): readonly string[] {
    return this.#current.errors;
  }

  async restart(): Promise<void> {
    await this.#current.cloud.stop();
    await this.#boot();
  }

  /** Waits for the frames that are in work, also those of lines that are gone. */
  async framesTaken(): Promise<void> {
    await this.#current.cloud.settle(this.#frames);
  }

  /** The next broadcast dies instead of making its nth call to AWS. */
  crashBroadcastAtCall(call: number): void {
    writeFileSync(this.#crashFile, String(call));
  }

  /** The broadcast under way dies at its next call. */
  crashBroadcastNow(): void {
    writeFileSync(this.#crashFile, '0');
  }

  neverCrash(): void {
    rmSync(this.#crashFile, { force: true });
  }

  /** @returns undefined where the API answers 404 */
  async get<T>(path: string, attempts = 3): Promise<T | undefined> {
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const token = await this.system.mintToken({ role: 'manager', name: 'head-office' }, { issuedAt });
    const response = await this.system.request('GET', path, { token });
    if (response.status === 404) return undefined;
    // As any caller of an API that is busy.
    if (response.status === 503 && attempts > 1) return this.get(path, attempts - 1);
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** @returns the status */
  async post(path: string): Promise<number> {
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const token = await this.system.mintToken({ role: 'publisher', name: 'head-office' }, { issuedAt });
    return (await this.system.request('POST', path, { token })).status;
  }

  /** Every entry of every channel's log. */
  async logItems(): Promise<LogItem[]> {
    const items = await this.#updateItems();
    return items
      .map(({ channel, position, updateId }) => ({
        channel: channel?.S ?? '',
        position: Number(position?.N),
        updateId: updateId?.S ?? '',
      }))
      .filter(({ channel }) => /^(all$|region\/|group\/|store\/)/.test(channel));
  }

  /** Updates whose current state is not written, or not to its end: each invocation that works on one has an item. */
  async unwrittenStates(): Promise<string[]> {
    const works = (await this.#updateItems())
      .map(({ channel, end, isDone }) => ({
        id: /^state\/(.+)/.exec(channel?.S ?? '')?.[1],
        isLast: isDone?.BOOL === true && end === undefined,
      }))
      .filter(({ id }) => id !== undefined);
    const written = new Set(works.filter(({ isLast }) => isLast).map(({ id }) => id));
    return [...new Set(works.map(({ id }) => id ?? ''))].filter(id => !written.has(id));
  }

  async #updateItems(): Promise<Record<string, AttributeValue>[]> {
    const { tables } = this.system.clients;
    const { TableNames = [] } = await tables.send(new ListTablesCommand({}));
    const TableName = TableNames.find(name => name.includes('Updates'));
    const items: Record<string, AttributeValue>[] = [];
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page: ScanCommandOutput = await tables.send(new ScanCommand({ TableName, ExclusiveStartKey }));
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return items;
  }

  get #current(): BootedCloud {
    if (this.#booted === undefined) throw new Error('the cloud is not booted');
    return this.#booted;
  }

  async #boot(): Promise<void> {
    const { clock, faults } = this;
    this.#booted = await bootCloud({
      assemblyDirectory: this.#assembly,
      dataDirectory: this.#dataDirectory,
      clock,
      limits: this.#limits,
      faults: {
        post: connectionId => faults.post?.(connectionId),
        disconnect: connectionId => faults.disconnect?.(connectionId),
        invoke: functionName => faults.invoke?.(functionName),
      },
      onLog: (functionName, line) => this.#logs.push(`${functionName} ${line}`),
    });
  }
}

interface FunctionProperties {
  Code?: { S3Key?: string };
  Environment?: { Variables?: Record<string, unknown> };
}

/** Wraps the broadcast's bundle: it counts its own HTTP requests and dies at the one that the file names. */
function makeMortal(bundle: string, crashFile: string): void {
  const code = readFileSync(bundle, 'utf8');
  writeFileSync(bundle, `${PRELUDE(crashFile)}\n${code}\n${EPILOGUE}`);
}

const PRELUDE = (crashFile: string) => `
const mortal = { calls: 0 };
{
  const fs = require('node:fs');
  const file = ${JSON.stringify(crashFile)};
  const http = require('node:http');
  const { request } = http;
  http.request = (...rest) => {
    mortal.calls += 1;
    if (mortal.calls >= lastCall()) {
      fs.rmSync(file, { force: true });
      process.exit(1);
    }
    return request(...rest);
  };
  const lastCall = () => (fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : Infinity);
}`;

const EPILOGUE = `
{
  const { handler } = module.exports;
  module.exports = { handler: (...rest) => {
    mortal.calls = 0;
    return handler(...rest);
  } };
}`;
