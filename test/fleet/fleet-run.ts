/** One random life of a small chain: everything that the design promises to survive, in an order that a seed replays. */
import { vi } from 'vitest';
import { Journal } from '../../client/till/journal.ts';
import type { StoreIdentity } from '../../domain/identity/identity.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { patience } from '../patience.ts';
import { DAY_MS, type Delivery, FleetCloud, type LogItem, type Published } from './fleet-cloud.ts';
import { FleetRollouts } from './fleet-rollouts.ts';
import { FleetStore, type Outcome } from './fleet-store.ts';
import { bookAt, clientBookAt, momentsFrom, reaches } from './model.ts';
import { Random } from './random.ts';
import { FAIR, type Frame } from './unreliable-network.ts';

const REGIONS = ['north', 'south'];
const GROUPS = ['city', 'mall', 'pilot'];
const STORES = 8;
const STEPS = 90;
const SKUS = ['milk', 'bread', 'salt'];
const REFUSED_SKU = 'refused-sku';
const OFFERS = ['spring', 'summer', 'refused-offer'];
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Generous: two cores, and a garbage collection in the middle. */
const PATIENCE_MS = patience(40_000);

export class FleetRun {
  readonly #random: Random;
  readonly #cloud: FleetCloud;
  readonly #rollouts: FleetRollouts;
  readonly #stores: FleetStore[] = [];
  readonly #published: { id: string; type: string; detail: Record<string, unknown> }[] = [];
  #open: { id: string; type: string; detail: Record<string, unknown> }[] = [];
  /** Of rollouts, what is not published yet; and what is, but for its current state. */
  #inWaves: string[] = [];
  /** What was done, for the failure's message. */
  readonly story: string[] = [];

  private constructor(seed: number, cloud: FleetCloud) {
    this.#random = new Random(seed);
    this.#cloud = cloud;
    this.#rollouts = new FleetRollouts(new Random(~seed), cloud);
  }

  static async prepare(seed: number): Promise<FleetRun> {
    const run = new FleetRun(seed, await FleetCloud.boot());
    for (let index = 0; index < STORES; index += 1) run.#stores.push(run.#createStore(index));
    await Promise.all(run.#stores.map(store => store.start()));
    // A report targets the stores first seen before an update was published.
    await run.#until('the fleet is on the line', () => run.#stores.every(isInTouch));
    return run;
  }

  async live(): Promise<void> {
    for (let step = 0; step < STEPS; step += 1) await this.#step();
  }

  async end(): Promise<void> {
    for (const store of this.#stores) store.crash();
  }

  // --- Trouble

  async #step(): Promise<void> {
    const random = this.#random;
    const actions: [number, string, () => void | Promise<void>][] = [
      [30, 'publish', () => this.#publish()],
      [4, 'publish again', () => this.#publishAgain()],
      [8, 'withdraw', () => this.#withdraw()],
      [6, 'cut', () => random.pick(this.#stores).network.cut()],
      [4, 'hang up', () => random.pick(this.#stores).network.hangUp()],
      [5, 'crash', () => random.pick(this.#stores).crash()],
      [3, 'stop', () => random.pick(this.#stores).stop()],
      [10, 'start', () => this.#startOne()],
      [2, 'move', () => this.#moveOne()],
      [5, 'sleep', () => random.pick(this.#stores).sleep()],
      [6, 'wake', () => this.#wakeOne()],
      [6, 'weather', () => this.#changeWeather()],
      [6, 'cloud faults', () => this.#changeFaults()],
      [5, 'crash of a broadcast', () => this.#cloud.crashBroadcastAtCall(random.between(1, 14))],
      [12, 'seconds', () => this.#advance(random.between(1, 30) * SECOND)],
      [6, 'minutes', () => this.#advance(random.between(1, 10) * MINUTE)],
      [2, 'hours', () => this.#advance(random.between(1, 5) * HOUR)],
      [1, 'past retention', () => this.#outliveRetention()],
      [1, 'restart of the cloud', () => this.#cloud.restart()],
      [10, 'settle', () => this.#settle()],
    ];
    const [, name, act] = pickWeighted(random, actions);
    this.story.push(name);
    await act();
    const acted = await this.#rollouts.act();
    if (acted !== undefined) this.story.push(`  ${acted}`);
    await this.#makeSomeWay();
  }

  /** What was begun goes on, but not to its end: so many frames, if so many come. */
  async #makeSomeWay(): Promise<void> {
    const wanted = this.#frames() + this.#random.between(0, 12);
    await vi.waitUntil(() => this.#frames() >= wanted, { timeout: 60, interval: 1 }).catch(() => undefined);
  }

  #frames(): number {
    return this.#stores.reduce((sum, { network }) => sum + network.frames, 0);
  }

  async #publish(): Promise<void> {
    const random = this.#random;
    const audience = this.#audience();
    const [type, content] = random.pick([
      () => this.#price(),
      () => this.#price(),
      () => this.#offer(),
      () => this.#offer(),
      () => ['OfferWithdrawn', { offerId: random.pick(OFFERS) }] as const,
    ])();
    await this.#put(type, { ...content, ...(audience === undefined ? {} : { audience }) });
  }

  async #put(type: string, content: object): Promise<void> {
    const id = `u-${this.#published.length}`;
    const detail = { ...content, updateId: id, ...this.#rollouts.plan(id, type, GROUPS) };
    this.#published.push({ id, type, detail });
    this.story.push(`  ${id} ${type} ${JSON.stringify(detail)}`);
    await this.#cloud.system.publish(type, detail);
  }

  /** Of prices that some stores refuse, or of others: a store refuses a withdrawal as a whole, too. */
  async #withdraw(): Promise<void> {
    const random = this.#random;
    const isRefused = random.chance(0.2);
    const prices = this.#published.filter(
      ({ type, detail }) =>
        type === 'PriceChanged' &&
        // What there is of it has ids of its own.
        !('rollout' in detail) &&
        JSON.stringify(detail).includes(REFUSED_SKU) === isRefused,
    );
    if (prices.length === 0) return;
    const updates = Array.from({ length: random.between(1, 3) }, () => random.pick(prices.slice(-8)).id);
    await this.#put('PriceWithdrawn', { updates: [...new Set(updates)] });
  }

  async #publishAgain(): Promise<void> {
    if (this.#published.length === 0) return;
    const { id, type, detail } = this.#random.pick(this.#published);
    this.story.push(`  ${id}`);
    await this.#cloud.system.publish(type, { ...detail, updateId: id });
  }

  #audience() {
    const random = this.#random;
    if (random.chance(0.35)) return undefined;
    const regions = random.some(REGIONS, 0.4);
    const groups = random.some(GROUPS, 0.4);
    const stores = random.some(
      this.#stores.map(({ identity }) => identity.storeId),
      0.2,
    );
    return regions.length + groups.length + stores.length === 0 ? undefined : { regions, groups, stores };
  }

  #price() {
    const random = this.#random;
    const skus = random.some(SKUS, 0.5);
    // By itself: out of the current state an update comes with those of its prices alone that nothing has replaced, so
    // beside others the refused one might be gone, and a store rightly take what is left of an update it refused.
    const named = random.chance(0.4) ? [REFUSED_SKU] : skus.length === 0 ? SKUS : skus;
    const prices = named.map(sku => ({
      sku,
      amount: random.between(0, 999),
      currency: 'EUR',
    }));
    const validFrom = random.chance(0.4)
      ? { validFrom: this.#inMs(random.between(-60, 7_200) * SECOND) }
      : {};
    return ['PriceChanged', { prices, ...validFrom }] as const;
  }

  #offer() {
    const random = this.#random;
    const until =
      random.pick([10 * SECOND, 2 * MINUTE, 30 * MINUTE, 6 * HOUR, 3 * DAY_MS]) + random.between(0, 9_999);
    const validFrom = random.chance(0.4)
      ? { validFrom: this.#inMs(Math.floor(until * random.next() * 0.9)) }
      : {};
    const offerId = random.pick(OFFERS);
    const content = { offerId, title: offerId, skus: ['milk'], discount: { percent: 10 }, ...validFrom };
    return ['OfferPublished', { ...content, validUntil: this.#inMs(until) }] as const;
  }

  #inMs(ms: number): string {
    return new Date(this.#cloud.clock.now() + ms).toISOString();
  }

  async #startOne(): Promise<void> {
    const off = this.#stores.filter(store => !store.isOn);
    if (off.length > 0) await this.#random.pick(off).start();
  }

  #wakeOne(): void {
    const asleep = this.#stores.filter(store => store.isAsleep);
    if (asleep.length > 0) this.#random.pick(asleep).wake();
  }

  async #moveOne(): Promise<void> {
    const store = this.#random.pick(this.#stores);
    await store.stop();
    store.move(this.#random.pick([...REGIONS, undefined]));
    await store.start();
  }

  #changeWeather(): void {
    const random = this.#random;
    const bad = () => ({
      lose: random.next() * 0.3,
      double: random.next() * 0.3,
      delay: random.next() * 0.3,
    });
    random.pick(this.#stores).network.weather = random.chance(0.4) ? FAIR : bad();
  }

  #changeFaults(): void {
    const { faults } = this.#cloud;
    const draw = this.#random.fork();
    const share = this.#random.chance(0.5) ? 0 : this.#random.next() * 0.2;
    const oneOf = <T>(...kinds: T[]) => (draw.chance(share) ? draw.pick(kinds) : undefined);
    faults.post = () => oneOf('throttle', 'error', 'lose');
    faults.disconnect = () => oneOf('lose');
    faults.invoke = name =>
      /Default|Broadcast|RolloutsFunction|Stores[0-9A-F]{8}$/.test(name)
        ? oneOf('throttle', 'crash-before', 'crash-after')
        : undefined;
  }

  async #advance(ms: number): Promise<void> {
    // A long jump in the middle of every handshake would leave nobody on the line.
    if (ms >= MINUTE) await this.#settle();
    this.story.push(`  ${ms / SECOND} s`);
    await this.#jump(ms);
  }

  /**
   * No frame is in work for longer than its function's ten seconds: one whose receipts were stored half a minute after it
   * came would not be gathered.
   */
  async #jump(ms: number): Promise<void> {
    await this.#cloud.framesTaken();
    this.#cloud.clock.advance(ms);
  }

  /** The log outlives every retry of a broadcast, for its retention is two days at least: so no event is left behind. */
  async #outliveRetention(): Promise<void> {
    await this.#finishPublishing();
    await this.#advance(DAY_MS + HOUR);
  }

  /** Waits, as far as that may come about, until nothing is under way. */
  async #settle(): Promise<void> {
    const isQuiet = () => this.#stores.every(({ network }) => network.isQuiet);
    await vi.waitUntil(isQuiet, { timeout: 500, interval: 5 }).catch(() => undefined);
  }

  #createStore(index: number): FleetStore {
    const random = this.#random;
    const identity: StoreIdentity = {
      role: 'store',
      storeId: `s${index}`,
      region: random.pick([...REGIONS, undefined]),
      groups: random.some(GROUPS, 0.4),
    };
    const skews = random.fork();
    return new FleetStore({
      identity,
      clock: this.#cloud.clock,
      random: random.fork(),
      skewMs: () => skews.pick([10 * MINUTE, DAY_MS]) * (2 * skews.next() - 1),
      url: () => this.#cloud.system.storeEndpoint,
      mint: who =>
        this.#cloud.system.mintToken(who, { issuedAt: Math.floor(this.#cloud.clock.now() / 1000) }),
      refuses,
      failsOnce,
      translate,
    });
  }

  // --- Peace

  /** Ends all trouble and waits until every store and every broadcast is done. */
  async heal(): Promise<void> {
    for (const store of this.#stores) {
      store.network.weather = FAIR;
      store.wake();
      await store.start();
    }
    await this.#finishPublishing();
    await this.#untilAfterJumps('every rollout is at rest', () =>
      this.#rollouts.areAtRest(id => this.#isOver(id)),
    );
    await this.#finishPublishing();
    const newest = newestOf(await this.#cloud.logItems());
    await this.#untilAfterJumps('every store is current', () =>
      this.#stores.every(store => isCurrent(store, newest)),
    );
  }

  /** Ends the cloud's faults. Retries of Lambda come after a minute, and after two more. */
  async #finishPublishing(): Promise<void> {
    const { faults } = this.#cloud;
    delete faults.post;
    delete faults.disconnect;
    delete faults.invoke;
    this.#cloud.neverCrash();
    await this.#untilAfterJumps('every event is published or refused', () => this.#isEveryEventDone());
  }

  /** A worker may have died after its last write: only a copy of its event says then that it is done. */
  async #isEveryEventDone(): Promise<boolean> {
    const ended = new Set(
      this.#cloud.logs.flatMap(
        line =>
          /"message":"(?:broadcast|update repeated|event refused)".*?"(?:updateId|eventId)":"([^"]+)"/.exec(
            line,
          )?.[1] ?? [],
      ),
    );
    const direct = this.#published.filter(({ id }) => !this.#rollouts.has(id));
    const states = await Promise.all(direct.map(({ id }) => this.#cloud.get<Published>(`updates/${id}`)));
    this.#open = direct.filter(({ id }, index) => {
      const state = states[index];
      return state === undefined ? !this.#isOver(id) : state.positions === null || !ended.has(id);
    });
    this.#inWaves = await this.#rollouts.outstanding(ended, id => this.#isOver(id));
    if (this.#open.length + this.#inWaves.length > 0) return false;
    this.#inWaves = await this.#cloud.unwrittenStates();
    return this.#inWaves.length === 0;
  }

  /** Its event may be refused; until then it comes, however often it is tried. */
  #isOver(id: string): boolean {
    const now = this.#cloud.clock.now();
    return this.#published.some(
      ({ detail, id: own }) =>
        own === id && 'validUntil' in detail && Date.parse(String(detail.validUntil)) <= now,
    );
  }

  /** What Lambda gave up after its retries lies with the dead letters; head office publishes it again. */
  async #redrive(): Promise<void> {
    for (const { id, type, detail } of this.#open) {
      this.story.push(`redriven: ${id}`);
      await this.#cloud.system.publish(type, { ...detail, updateId: id });
    }
    if (this.#inWaves.length > 0) this.story.push(`redriven: ${await this.#rollouts.redrive()}`);
  }

  async #untilAfterJumps(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    let jumps = 0;
    await this.#until(what, async () => {
      if (await condition()) return true;
      // A jump in the middle of a question would only look like a chain that doesn't answer.
      if (this.#stores.every(({ network }) => network.isQuiet)) {
        await this.#jump(jumps % 2 === 0 ? 20 * SECOND : 61 * SECOND);
        jumps += 1;
        if (jumps % 8 === 0) await this.#redrive();
      }
      return false;
    });
  }

  async #until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (performance.now() > deadline)
        throw new Error(
          `in vain: ${what}\n${this.#open.map(({ id }) => id)} ${this.#inWaves}\n${this.#describe()}`,
        );
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  #describe(): string {
    return this.#stores
      .map(({ identity, isOn, client, network, errors }) => {
        const state = isOn ? `${client.connected} ${JSON.stringify(client.positions)}` : 'off';
        return `${identity.storeId} ${identity.region} ${identity.groups} ${state} quiet ${network.isQuiet} ${errors.slice(-3).join('; ')}`;
      })
      .join('\n');
  }

  /** What is wrong now that everything is quiet; empty if nothing is. */
  async problems(): Promise<string[]> {
    const items = await this.#cloud.logItems();
    const updates = await this.#updatesOf(items);
    return [
      ...this.#stores.flatMap(({ identity, faults }) => faults.map(fault => `${identity.storeId} ${fault}`)),
      ...this.#lostEvents(updates),
      ...logProblems(items, updates),
      ...(await this.#rollouts.problems(updates)),
      ...(await Promise.all(this.#stores.map(store => this.#bookTrouble(store, updates)))).flat(),
      ...(await Promise.all(updates.map(update => this.#reportProblems(update, updates)))).flat(),
    ];
  }

  /** What was published, and what rollouts have made of it. */
  async #updatesOf(items: readonly LogItem[]): Promise<Published[]> {
    const ids = new Set([...this.#published.map(({ id }) => id), ...items.map(({ updateId }) => updateId)]);
    const found = await Promise.all([...ids].map(id => this.#cloud.get<Published>(`updates/${id}`)));
    return found.filter(update => update !== undefined);
  }

  /** Only what was over when its turn came may be missing. */
  #lostEvents(updates: readonly Published[]): string[] {
    const known = new Set(updates.map(({ updateId }) => updateId));
    return this.#published
      .filter(({ id, detail }) => !known.has(id) && !this.#rollouts.has(id) && !('validUntil' in detail))
      .map(({ id }) => `${id} was accepted and is not published`);
  }

  /** With what tells whether the chain or the store is wrong. */
  async #bookTrouble(store: FleetStore, updates: readonly Published[]): Promise<string[]> {
    const problems = this.#bookProblems(store, updates);
    if (problems.length === 0) return [];
    const { client, errors, identity, outcomes, resets } = store;
    const expected = await this.#cloud.get(`drift?store=${identity.storeId}`);
    const reaching = updates.filter(update => reaches(update, identity));
    return [
      ...problems,
      `its book as the chain expects it: ${JSON.stringify(expected)}`,
      `${JSON.stringify({ identity, positions: client.positions, resets, outcomes: [...outcomes], errors })}`,
      ...reaching.map(update => JSON.stringify(update)),
    ];
  }

  #bookProblems({ identity, client }: FleetStore, updates: readonly Published[]): string[] {
    const own = updates.filter(
      update =>
        reaches(update, identity) && refusalOf(identity.storeId, update.kind, update.data) === undefined,
    );
    return momentsFrom(this.#cloud.clock.now(), own).flatMap(at => {
      const expected = JSON.stringify(bookAt(own, at), undefined, 1);
      const actual = JSON.stringify(clientBookAt(client, at), undefined, 1);
      const when = new Date(at).toISOString();
      return expected === actual
        ? []
        : [`${identity.storeId} holds at ${when} ${actual}\ninstead of ${expected}`];
    });
  }

  async #reportProblems(update: Published, updates: readonly Published[]): Promise<string[]> {
    const report = await this.#cloud.get<Delivery>(`updates/${update.updateId}/delivery`);
    if (report === undefined) return [`${update.updateId} has no delivery report`];
    const isOver = update.validUntil !== null && Date.parse(update.validUntil) <= this.#cloud.clock.now();
    const parts = updates.filter(({ updateId }) => updateId.startsWith(`${update.updateId}.part`));
    const problems: string[] = [];
    for (const { identity, outcomes } of this.#stores) {
      const state = report.stores.find(({ storeId }) => storeId === identity.storeId)?.state;
      // A withdrawal's report is of all its parts.
      const isPartRejected = parts.some(({ updateId }) => outcomes.get(updateId) === 'rejected');
      const outcome = isPartRejected ? 'rejected' : outcomes.get(update.updateId);
      const reported = reportedAs(outcome, update) ?? (isOver ? 'expired' : 'pending');
      const expected = reaches(update, identity) ? reported : undefined;
      if (state !== expected)
        problems.push(
          `the report of ${update.updateId} says ${state} of ${identity.storeId}, which is ${expected}`,
        );
    }
    return problems;
  }
}

/** An offer that was over when it came counts as expired, also where its withdrawal was applied in its place. */
function reportedAs(outcome: Outcome | undefined, { kind }: Published): string | undefined {
  if (outcome === 'withdrawn') return kind === 'offer.withdrawn' ? 'applied' : 'expired';
  return outcome;
}

/** What some of the stores have no use for, or don't know: each refuses the same subjects always, so that the model can tell. */
function refusalOf(storeId: string, kind: string, data: Record<string, unknown>): string | undefined {
  if (isTooNew(storeId, data)) return 'unsupported_kind';
  if (Number(storeId.slice(1)) % 3 !== 0) return undefined;
  return JSON.stringify(data).includes('refused') ? `${storeId} has no ${kind}` : undefined;
}

function refuses(storeId: string, { kind, data }: UpdateFrame): string | undefined {
  return refusalOf(storeId, kind, data);
}

/** The application of a store fails at every third update, the first time. */
function failsOnce(storeId: string, updateId: string): boolean {
  return (Number(updateId.slice(2)) + Number(storeId.slice(1))) % 3 === 0;
}

/** To the tills of two stores the chain is a newer version: each frame has a field, and summer's offers a kind that they don't know. */
function translate(storeId: string, frame: Frame): Frame {
  if (!isOld(storeId)) return frame;
  const { updates } = frame;
  return {
    ...ofNewKind(storeId, frame),
    ...(Array.isArray(updates)
      ? { updates: updates.map(update => ofNewKind(storeId, update as Frame)) }
      : {}),
    weather: { sky: 'blue' },
  };
}

function ofNewKind(storeId: string, frame: Frame): Frame {
  const { data, kind } = frame;
  return kind !== undefined && isTooNew(storeId, data as Frame) ? { ...frame, kind: `${kind}.2027` } : frame;
}

function isTooNew(storeId: string, { offerId }: Record<string, unknown>): boolean {
  return isOld(storeId) && offerId === 'summer';
}

function isOld(storeId: string): boolean {
  return ['s1', 's4'].includes(storeId);
}

function isInTouch(store: FleetStore): boolean {
  return store.isOn && store.client.connected && Object.keys(store.client.positions).length > 0;
}

function isCurrent(store: FleetStore, newest: ReadonlyMap<string, number>): boolean {
  if (!isInTouch(store) || !store.network.isQuiet) return false;
  const { positions } = store.client;
  const { storeId, region, groups } = store.identity;
  const channels = ['all', ...groups.map(group => `group/${group}`), `store/${storeId}`];
  if (region !== undefined) channels.push(`region/${region}`);
  const isThere = channels.every(channel => positions[channel] === (newest.get(channel) ?? 0));
  return isThere && Object.keys(positions).length === channels.length && hasNothingDue(store);
}

/** All is saved and applied, and every receipt accepted. */
function hasNothingDue({ savedState, client }: FleetStore): boolean {
  if (savedState === undefined) return false;
  const state = new Journal(Math.random).read(savedState);
  const saved = Object.entries(state.positions.channels).map(([channel, [run]]) => [channel, run]);
  return (
    state.receipts.length + state.unapplied.length === 0 &&
    JSON.stringify(Object.fromEntries(saved)) === JSON.stringify(client.positions)
  );
}

function newestOf(items: readonly { channel: string; position: number }[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { channel, position } of items)
    newest.set(channel, Math.max(position, newest.get(channel) ?? 0));
  return newest;
}

/** Positions 1 to n in each channel, each update once, and where its own record says. */
function logProblems(
  items: readonly { channel: string; position: number; updateId: string }[],
  updates: readonly Published[],
): string[] {
  const problems: string[] = [];
  for (const [channel, newest] of newestOf(items)) {
    const entries = items.filter(item => item.channel === channel);
    const ids = new Set(entries.map(({ updateId }) => updateId));
    if (entries.length !== newest) problems.push(`${channel} has ${entries.length} entries up to ${newest}`);
    if (ids.size !== entries.length) problems.push(`${channel} holds an update twice`);
  }
  const placed = items.map(({ channel, position, updateId }) => `${updateId} ${channel} ${position}`).sort();
  const told = updates
    .flatMap(({ positions, updateId }) =>
      Object.entries(positions ?? {}).map(([channel, position]) => `${updateId} ${channel} ${position}`),
    )
    .sort();
  if (placed.join() !== told.join()) problems.push(`the log holds ${placed} but the updates say ${told}`);
  return problems;
}

function pickWeighted<T extends readonly [number, ...unknown[]]>(random: Random, items: readonly T[]): T {
  let left = random.next() * items.reduce((sum, [weight]) => sum + weight, 0);
  const found = items.find(([weight]) => {
    left -= weight;
    return left < 0;
  });
  return found ?? random.pick(items);
}
