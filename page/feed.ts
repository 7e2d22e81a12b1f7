/**
 * Fills the model: a whole snapshot by HTTP whenever the line comes up, pushed frames while it is, and slow polling
 * while it isn't. What a frame can't say by itself (a store never seen, an update just published) is asked for.
 */

import type { WebSocketConstructor } from '../client/line/connection.ts';
import type { Clock } from '../client/time/clock.ts';
import { ServerClock } from '../client/time/server-clock.ts';
import { type DeliveryCounts, operations } from '../domain/protocol/http-api.ts';
import type { ManagerFrame } from '../domain/protocol/manager-frames.ts';
import { type Api, ApiError, isNoAnswer, reasonOf } from './api.ts';
import { LiveLine } from './live-line.ts';
import { NamesLoader } from './loaders/names-loader.ts';
import { SalesLoader } from './loaders/sales-loader.ts';
import { TroubleLoader } from './loaders/trouble-loader.ts';
import type { Model } from './model/model.ts';
import { Soon } from './soon.ts';
import { Waking } from './waking.ts';

export interface FeedOptions {
  api: Api;
  model: Model;
  clock: Clock;
  random: () => number;
  WebSocket: WebSocketConstructor;
  endpoint: string;
  token: () => string;
  /** The chain no longer takes the token. */
  refused: (error: ApiError) => void;
}

/** While the line is up, polling only corrects what a lost frame left behind. */
const LIVE_POLL_MS = 60_000;
const DOWN_POLL_MS = 15_000;
/** Frames come once a second: requests that follow a frame need not be faster. */
const SOON_MS = 500;
/** A rollout pushes its delivery each second for minutes: the list of stores is asked for once it rests. */
const DELIVERY_RESTS_MS = 3_000;
const UPDATES_SHOWN = 20;
/** Half a second apart: a broadcast that takes longer to list its update is found by the next poll. */
const LOOKS_FOR_PUBLISHED = 20;

export class Feed {
  readonly serverClock: ServerClock;
  readonly #options: FeedOptions;
  readonly #line: LiveLine;
  readonly #waking: Waking;
  readonly #sales: SalesLoader;
  readonly #trouble: TroubleLoader;
  readonly #names: NamesLoader;
  readonly #stores: Soon;
  readonly #updates: Soon;
  #updatesShown = UPDATES_SHOWN;
  /** Updates just published here, and how often the list will still be asked for each. */
  readonly #awaited = new Map<string, number>();
  #cancelPoll: () => void = () => {};
  #cancelRest: () => void = () => {};
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    const { api, clock, model } = options;
    this.serverClock = new ServerClock(clock);
    const attempt = (load: () => Promise<void>) => this.#attempt(load);
    const loading = { api, clock, model, attempt, now: () => this.serverClock.now() };
    this.#sales = new SalesLoader(loading);
    this.#trouble = new TroubleLoader(loading);
    this.#names = new NamesLoader(loading);
    this.#stores = new Soon(clock, SOON_MS, () => attempt(() => this.#loadStores()));
    this.#updates = new Soon(clock, SOON_MS, async () => {
      await attempt(() => this.#loadUpdates());
      model.settle('updates');
      this.#trouble.askDeliveries();
    });
    this.#line = new LiveLine({
      ...options,
      serverClock: this.serverClock,
      opened: () => this.#opened(),
      lost: () => this.#lost(),
      received: frame => this.#received(frame),
      heard: () => this.#heard(),
    });
    this.#waking = new Waking({ clock, lost: () => this.#wentOffline(), back: () => this.retry() });
  }

  start(): void {
    this.#waking.start();
    this.#line.start();
    this.#refresh(true);
  }

  stop(): void {
    this.#stopped = true;
    this.#waking.stop();
    this.#cancelPoll();
    this.#cancelRest();
    this.#line.stop();
    for (const task of [this.#stores, this.#updates, this.#sales, this.#trouble, this.#names]) task.stop();
  }

  /** Asks the chain at once whether it is there, by the line and by HTTP. */
  retry(): void {
    this.#options.model.change(() => {
      this.#options.model.offlineAt = undefined;
    });
    this.#line.check();
    this.#refresh(false);
  }

  /** An update was published from here: it is in the list as soon as the broadcast has appended it. */
  expect(updateId: string): void {
    this.#awaited.set(updateId, LOOKS_FOR_PUBLISHED);
    this.#updates.ask();
  }

  /** One that goes out in waves, or waits: it is shown as soon as the chain has entered it. */
  expectStaged(updateId: string): void {
    this.#trouble.expectStaged(updateId);
  }

  /** @param region undefined for all of them */
  showRegion(region: string | undefined): void {
    if (region === this.#options.model.region) return;
    this.#options.model.showRegion(region);
    this.#sales.startAnew();
  }

  /** A store was changed from here. */
  askStores(): void {
    this.#stores.ask();
  }

  /** These are shown: what they are called is in the model's `names` a moment later, where it is known at all. */
  askNames(skus: readonly string[]): void {
    this.#names.ask(skus);
  }

  showOlder(): void {
    this.#updatesShown += UPDATES_SHOWN;
    this.#updates.ask();
  }

  #opened(): void {
    const { model } = this.#options;
    model.change(() => {
      model.line = 'live';
    });
    this.#refresh(true);
  }

  /** Whether the HTTP API answers is asked at once: it tells a line that broke from a network that is gone. */
  #lost(): void {
    const { model } = this.#options;
    const wasDown = model.line === 'down';
    model.change(() => {
      model.line = 'down';
    });
    if (!wasDown) this.#refresh(false);
  }

  #wentOffline(): void {
    const { model } = this.#options;
    model.change(() => {
      model.offlineAt = this.serverClock.now();
    });
    this.#line.check();
  }

  /** It is drawn with the next second, or with what came. */
  #heard(): void {
    this.#options.model.heardAt = this.serverClock.now();
  }

  /** Somebody has decided about what goes out in waves, or waits. */
  askStaged(): void {
    this.#trouble.askStaged();
  }

  #refresh(everything: boolean): void {
    this.#stores.ask();
    this.#updates.ask();
    this.#sales.refresh(everything);
    this.#trouble.askBooks();
    this.#trouble.askStaged();
    this.#pollLater();
  }

  #pollLater(): void {
    this.#cancelPoll();
    const { clock, model } = this.#options;
    const delayMs = model.line === 'live' ? LIVE_POLL_MS : DOWN_POLL_MS;
    this.#cancelPoll = clock.after(delayMs, () => this.#refresh(false));
  }

  #received(frame: ManagerFrame): void {
    const { model } = this.#options;
    model.take(frame);
    if (frame.type === 'sales.totals') this.#sales.complete(frame.items.map(({ minute }) => minute));
    else if (frame.type === 'delivery') {
      this.#storesOnceItRests();
      if (frame.rejected > 0) this.#trouble.askDeliveries();
      if (!model.hasUpdate(frame.updateId)) this.#updates.ask();
    } else if (frame.type === 'presence') {
      // The store may be unknown, and its deliveries change between pending and offline.
      if (frame.items.some(({ storeId }) => !model.hasStore(storeId))) this.#stores.ask();
      this.#updates.ask();
    }
  }

  /** A store that sent a receipt misses less than before. */
  #storesOnceItRests(): void {
    this.#cancelRest();
    this.#cancelRest = this.#options.clock.after(DELIVERY_RESTS_MS, () => this.#stores.ask());
  }

  async #loadStores(): Promise<void> {
    const { api, model } = this.#options;
    const askedAt = model.turn;
    model.takeStores(await api.list(operations.listStores, ({ items }) => items), askedAt);
  }

  async #loadUpdates(): Promise<void> {
    const { api, model } = this.#options;
    const query = { limit: this.#updatesShown };
    const { items, cursor } = await api.call(operations.listUpdates, { query });
    model.takeUpdates(items, cursor !== undefined);
    await Promise.all(model.updates.map(entry => this.#loadUpdate(entry)));
    this.#lookForAwaited();
  }

  async #loadUpdate({ update, content, delivery }: Model['updates'][number]): Promise<void> {
    const { api, model } = this.#options;
    const parameters = { id: update.updateId };
    await Promise.all([
      content === undefined &&
        api.call(operations.getUpdate, { parameters }).then(answer => model.takeContent(answer)),
      !isSettled(delivery) &&
        api
          .call(operations.getDelivery, { parameters, query: { limit: 1 } })
          .then(answer => model.takeDelivery(update.updateId, answer)),
    ]);
  }

  #lookForAwaited(): void {
    for (const [updateId, looks] of this.#awaited) {
      if (this.#options.model.hasUpdate(updateId) || looks === 0) this.#awaited.delete(updateId);
      else this.#awaited.set(updateId, looks - 1);
    }
    if (this.#awaited.size > 0) this.#updates.ask();
  }

  async #attempt(load: () => Promise<void>): Promise<void> {
    const { refused } = this.#options;
    try {
      await load();
      this.#heard();
      this.#say(undefined, false);
    } catch (error) {
      if (this.#stopped) return;
      if (error instanceof ApiError && error.status === 401) refused(error);
      else this.#say(reasonOf(error), isNoAnswer(error));
    }
  }

  #say(problem: string | undefined, isUnreachable: boolean): void {
    const { model } = this.#options;
    if (!isUnreachable && problem !== undefined) this.#heard();
    if (model.problem === problem && model.isUnreachable === isUnreachable) return;
    model.change(() => {
      model.problem = problem;
      model.isUnreachable = isUnreachable;
    });
  }
}

/** It no longer changes, except by stores that the audience names and that were never seen. */
function isSettled(delivery: DeliveryCounts | undefined): boolean {
  return delivery !== undefined && delivery.targeted > 0 && delivery.pending + delivery.offline === 0;
}
