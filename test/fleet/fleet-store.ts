/**
 * A store of the fleet: the real client library on a device that has its own wrong clock, sleeps, has an unreliable
 * network and a power switch. It writes down what its application was asked to do, and complains of what must never happen.
 */
import {
  type ClientStorage,
  createStoreClient,
  memoryOutbox,
  RejectUpdate,
  type StoreClient,
} from '../../client/node.ts';
import type { StoreIdentity } from '../../domain/identity/identity.ts';
import { isOver } from '../../domain/retail/validity.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import type { AdjustableClock } from '../../local/cloud-clock.ts';
import { Device } from './device.ts';
import type { Random } from './random.ts';
import { type Direction, type Frame, UnreliableNetwork } from './unreliable-network.ts';

export interface FleetStoreOptions {
  identity: StoreIdentity;
  clock: AdjustableClock;
  random: Random;
  /** Milliseconds that the device's clock is ahead of the cloud's, asked at each start. */
  skewMs: () => number;
  url: () => string;
  mint: (identity: StoreIdentity) => Promise<string>;
  /** What the application throws for an update; undefined if it takes it. */
  refuses: (storeId: string, update: UpdateFrame) => string | undefined;
  /** Whether the application fails at the first attempt of an update, and would take a second one. */
  failsOnce?: (storeId: string, updateId: string) => boolean;
  /** What the network makes of a frame from the chain: that of a newer one. */
  translate?: (storeId: string, frame: Frame) => Frame;
}

/**
 * `withdrawn`: it came as an offer's withdrawal, of its own or of an offer that was over and had replaced another.
 * `expired`: it was over when it came, or when the application was done with it. `rejected`: the store's own software refused it.
 */
export type Outcome = 'applied' | 'withdrawn' | 'rejected' | 'expired';

/** What the application and the client know; a crash takes it back to the last save. */
interface Record_ {
  /** Since the last whole began. */
  taken: Set<string>;
  outcomes: Map<string, Outcome>;
}

export class FleetStore {
  identity: StoreIdentity;
  readonly network: UnreliableNetwork;
  /** What must never happen, and did. */
  readonly faults: string[] = [];
  readonly applications = new Map<string, number>();
  resets: string[] = [];
  /** What the client said went wrong. */
  readonly errors: string[] = [];
  readonly #options: FleetStoreOptions;
  #record: Record_ = { taken: new Set(), outcomes: new Map() };
  #savedRecord: Record_ = { taken: new Set(), outcomes: new Map() };
  #savedState: string | undefined;
  #client: StoreClient | undefined;
  #device: Device | undefined;
  /** Updates that the application has failed at. */
  readonly #failed = new Set<string>();
  readonly #asked = new Map<string, Record<string, number>>();

  constructor(options: FleetStoreOptions) {
    this.#options = options;
    this.identity = options.identity;
    this.network = new UnreliableNetwork({
      clock: options.clock,
      random: options.random.fork(),
      heard: (direction, frame) => this.#hear(direction, frame),
      translate: frame => options.translate?.(this.identity.storeId, frame) ?? frame,
    });
  }

  get client(): StoreClient {
    if (this.#client === undefined) throw new Error(`${this.identity.storeId} is off`);
    return this.#client;
  }

  get isOn(): boolean {
    return this.#client !== undefined;
  }

  get outcomes(): ReadonlyMap<string, Outcome> {
    return this.#record.outcomes;
  }

  get savedState(): string | undefined {
    return this.#savedState;
  }

  async start(): Promise<void> {
    if (this.#client !== undefined) return;
    const { clock, random, skewMs, url, mint } = this.#options;
    const device = new Device(clock, skewMs());
    this.#device = device;
    const token = await mint(this.identity);
    this.#client = createStoreClient({
      url,
      token,
      apply: update => this.#apply(update),
      begin: reason => {
        this.resets.push(reason);
        this.#record.taken.clear();
      },
      storage: this.#storage(device),
      outbox: memoryOutbox(),
      WebSocket: this.network.WebSocket,
      clock: device.clock,
      random: random.next,
    });
    this.#client.on('applied', ({ update, appliedAt }) => {
      if (!device.isOn) return;
      // The chain takes no time from a clock that is ahead.
      const isLate = isOver(update, Math.min(Date.parse(appliedAt), clock.now()));
      if (update.kind === 'offer.withdrawn') this.#note(update.id, 'withdrawn');
      else this.#note(update.id, isLate ? 'expired' : 'applied');
    });
    this.#client.on('rejected', ({ update: { id }, reason }) => {
      if (device.isOn) this.#note(id, reason === 'expired' ? 'expired' : 'rejected');
    });
    this.#client.on('error', error => this.errors.push(`${error.message} ${error.cause ?? ''}`));
    this.#client.on('replaced', () => this.faults.push('was told that it is replaced'));
  }

  /** Ends as a program should. */
  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.wake();
    await client?.close();
    this.#device?.switchOff();
  }

  /** The power goes: what was not saved is gone, and nobody closes anything. */
  crash(): void {
    const client = this.#client;
    this.#device?.switchOff();
    this.network.release();
    this.#client = undefined;
    this.network.cut();
    // Of the dead client nothing is heard any more: its timers, storage and events hang on the power.
    void client?.close();
    this.#record = copyOf(this.#savedRecord);
  }

  /** Nothing of it runs, and what comes waits at its network card. */
  sleep(): void {
    if (!this.isOn) return;
    this.#device?.sleep();
    this.network.hold();
  }

  wake(): void {
    this.#device?.wake();
    this.network.release();
  }

  get isAsleep(): boolean {
    return this.isOn && this.#device?.isAsleep === true;
  }

  /** Takes effect with the next start. */
  move(region: string | undefined): void {
    this.identity = { ...this.identity, region };
  }

  #apply(update: UpdateFrame): void | Promise<void> {
    const { clock, failsOnce, random, refuses } = this.#options;
    const { storeId } = this.identity;
    this.applications.set(update.id, (this.applications.get(update.id) ?? 0) + 1);
    if (this.#record.taken.has(update.id)) this.faults.push(`applied ${update.id} twice`);
    const lateMs = update.validUntil === null ? 0 : clock.now() - Date.parse(update.validUntil);
    if (update.validUntil !== null && lateMs >= 0)
      this.faults.push(`applied ${update.id} ${lateMs} ms after its validUntil`);
    const refusal = refuses(storeId, update);
    if (refusal !== undefined) throw new RejectUpdate(refusal);
    if (failsOnce?.(storeId, update.id) && !this.#failed.has(update.id)) {
      this.#failed.add(update.id);
      throw new Error('the disk is busy');
    }
    if (random.chance(0.3)) return new Promise(resolve => setImmediate(resolve));
  }

  #note(id: string, outcome: Outcome): void {
    this.#record.taken.add(id);
    if (this.#record.outcomes.get(id) !== 'applied') this.#record.outcomes.set(id, outcome);
  }

  #storage(device: Device): ClientStorage {
    return {
      load: async () => this.#savedState,
      save: async state => {
        if (!device.isOn) return;
        const record = copyOf(this.#record);
        await new Promise(resolve => setImmediate(resolve));
        // The power may have gone in the middle of it.
        if (!device.isOn) return;
        this.#savedState = state;
        this.#savedRecord = record;
      },
      append: async change => {
        if (!device.isOn) return;
        const [record, saved] = [copyOf(this.#record), this.#savedState];
        this.#savedState = saved + change.slice(0, change.length / 2);
        await new Promise(resolve => setImmediate(resolve));
        // The power may have gone in the middle of it.
        if (!device.isOn) return;
        this.#savedState = saved + change;
        this.#savedRecord = record;
      },
    };
  }

  /** What the chain says must be right in itself, whatever the network makes of it. */
  #hear(direction: Direction, frame: Frame): void {
    if (direction === 'up' && frame.action === 'sync')
      this.#asked.set(String(frame.requestId), (frame.positions ?? {}) as Record<string, number>);
    if (direction === 'down' && frame.type === 'synced') this.#checkSynced(frame);
  }

  #checkSynced({ requestId, updates, positions, cursor, recovered, serverTime }: Frame): void {
    const asked = this.#asked.get(String(requestId)) ?? {};
    const own = Object.keys(positions ?? {});
    if ((positions === undefined) === (cursor === undefined) || (recovered === true && cursor !== undefined))
      this.faults.push('was sent a page that says not, or twice, where it goes on');
    for (const update of updates as UpdateFrame[]) {
      if (update.validUntil !== null && update.validUntil <= String(serverTime))
        this.faults.push(`was sent ${update.id} after its validUntil by catch-up`);
      const isPassed = own.some(channel => (update.positions[channel] ?? Infinity) <= (asked[channel] ?? 0));
      if (recovered === true && isPassed)
        this.faults.push(`was sent ${update.id} by catch-up, though passed`);
    }
  }
}

function copyOf({ taken, outcomes }: Record_): Record_ {
  return { taken: new Set(taken), outcomes: new Map(outcomes) };
}
