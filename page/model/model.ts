/**
 * What the page knows of the chain: HTTP snapshots and pushed frames, merged. It sends no request and draws nothing:
 * feed.ts changes it, the components show it.
 */
import type {
  DeliveryCounts,
  PublishedUpdate,
  Store,
  UpdateSummary,
} from '../../domain/protocol/http-api.ts';
import type { DeliveryFrame, ManagerFrame, PresenceFrame } from '../../domain/protocol/manager-frames.ts';
import type { AuditBy } from '../../domain/protocol/sales-answers.ts';
import type { Rollout } from '../../domain/protocol/staging-answers.ts';
import type { DriftItem } from '../../domain/protocol/trust-answers.ts';
import { reachedBy } from '../../domain/updates/channels.ts';
import { readContent, type UpdateContent } from '../../domain/updates/update-content.ts';
import { ArticleNames } from './article-names.ts';
import { SalesLedger } from './sales-ledger.ts';
import type { Contact } from './watched/freshness.ts';
import type { Untaken } from './watched/store-needs.ts';

export type Delivery = DeliveryCounts & { lastAppliedMs: number | null };

export interface UpdateEntry {
  update: UpdateSummary;
  /** What was published; undefined until it is loaded, null for a kind that this page doesn't know. */
  content: UpdateContent | null | undefined;
  delivery: Delivery | undefined;
}

/** What the page asks for, and of which nothing can be said before. */
export type Part = 'updates' | 'deliveries' | 'books' | 'staged';

interface Presence {
  connected: boolean;
  at: string;
  /** Number of the pushed change that told it. */
  turn: number;
}

export class Model implements Contact {
  /** Of the region that is shown. */
  sales = new SalesLedger();
  /** The one that the whole page shows; undefined for all of them. */
  region: string | undefined;
  readonly #stores = new Map<string, Store>();
  readonly #presence = new Map<string, Presence>();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #contents = new Map<string, UpdateContent | null>();
  readonly #listeners = new Set<() => void>();
  #updates: readonly UpdateSummary[] = [];
  /** Lists as they were last asked for: the same one until something in it changes. */
  #storeList: readonly Store[] | undefined;
  #shownList: readonly Store[] | undefined;
  #entries: readonly UpdateEntry[] | undefined;
  readonly #settled = new Set<Part>();
  #turn = 0;
  /** Grows with every change but what is sold, which comes each second. */
  revision = 0;
  line: Contact['line'] = 'connecting';
  heardAt: number | undefined;
  isUnreachable = false;
  offlineAt: number | undefined;
  /** Why the figures may be old; undefined while the HTTP API answers. */
  problem: string | undefined;
  /** Who did not take updates that are in force, whose book is another one, who charged other prices today. */
  untaken: readonly Untaken[] = [];
  drift: readonly DriftItem[] = [];
  audit: readonly AuditBy<'store'>[] = [];
  rollouts: readonly Rollout[] = [];
  readonly names = new ArticleNames();
  /** Updates that wait for a second person. */
  waiting: readonly UpdateSummary[] = [];
  storesLoaded = false;
  updatesLoaded = false;
  salesLoaded = false;
  hasOlderUpdates = false;
  /** In the hour before this time, a store that is not in the ledger sold nothing. */
  salesKnownSince: number | undefined;
  /** Stores that sold something in the hour before the first snapshot. */
  soldInTheHourBefore = new Set<string>();

  /** Calls `listener` after every change; the answer unsubscribes it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes what is known, and says so. */
  change(edit: () => void): void {
    this.revision += 1;
    edit();
    this.#tell();
  }

  /** This was asked for, and is there or could not be had. */
  settle(part: Part): void {
    if (!this.#settled.has(part)) this.change(() => this.#settled.add(part));
  }

  isSettled(...parts: Part[]): boolean {
    return parts.every(part => this.#settled.has(part));
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  get stores(): readonly Store[] {
    this.#storeList ??= [...this.#stores.values()];
    return this.#storeList;
  }

  /** Those of the region that is shown. */
  get shownStores(): readonly Store[] {
    if (this.region === undefined) return this.stores;
    this.#shownList ??= this.stores.filter(({ region }) => region === this.region);
    return this.#shownList;
  }

  get regions(): string[] {
    return [...new Set(this.stores.flatMap(({ region }) => region ?? []))].sort();
  }

  /** Shows another region: of what is sold there, nothing is known yet. */
  showRegion(region: string | undefined): void {
    this.change(() => {
      this.region = region;
      this.#shownList = undefined;
      this.sales = new SalesLedger();
      this.soldInTheHourBefore = new Set();
      this.salesKnownSince = undefined;
      this.salesLoaded = false;
    });
  }

  get updates(): readonly UpdateEntry[] {
    this.#entries ??= this.#updates.map(update => ({
      update,
      content: this.#contents.get(update.updateId),
      delivery: this.#deliveries.get(update.updateId),
    }));
    return this.#entries;
  }

  /** Those that reach a store of the region that is shown. */
  get shownUpdates(): readonly UpdateEntry[] {
    const { region, shownStores } = this;
    if (region === undefined) return this.updates;
    const placed = shownStores.map(store => ({ ...store, region }));
    return this.updates.filter(({ update }) => placed.some(reachedBy(update.audience ?? undefined)));
  }

  hasStore(storeId: string): boolean {
    return this.#stores.has(storeId);
  }

  hasUpdate(updateId: string): boolean {
    return this.#updates.some(update => update.updateId === updateId);
  }

  /** Read it before asking for a list of stores, and give it back with the list: what is pushed meanwhile is newer. */
  get turn(): number {
    return this.#turn;
  }

  takeStores(stores: readonly Store[], askedAt: number): void {
    this.#changeStores(() => {
      this.#stores.clear();
      for (const store of stores) {
        const presence = this.#presence.get(store.storeId);
        this.#stores.set(
          store.storeId,
          presence !== undefined && presence.turn > askedAt ? withPresence(store, presence) : store,
        );
      }
      this.storesLoaded = true;
    });
  }

  takeUpdates(updates: readonly UpdateSummary[], hasOlder: boolean): void {
    this.#changeUpdates(() => {
      this.#updates = updates;
      this.hasOlderUpdates = hasOlder;
      this.updatesLoaded = true;
    });
  }

  takeContent({ updateId, kind, data, publishedAt }: PublishedUpdate): void {
    this.#changeUpdates(() => {
      const content = readContent(kind, data) ?? null;
      this.#contents.set(updateId, content);
      if (content?.kind === 'price.changed') this.names.take(content.data.prices, publishedAt);
    });
  }

  /** A store never takes a receipt back: the report with more receipts is the newer one. */
  takeDelivery(updateId: string, delivery: Delivery): void {
    const known = this.#deliveries.get(updateId);
    if (known !== undefined && answered(known) > answered(delivery)) return;
    this.#changeUpdates(() => this.#deliveries.set(updateId, delivery));
  }

  #changeStores(edit: () => void): void {
    this.#storeList = undefined;
    this.#shownList = undefined;
    this.change(edit);
  }

  #changeUpdates(edit: () => void): void {
    this.#entries = undefined;
    this.change(edit);
  }

  take(frame: ManagerFrame): void {
    this.#turn += 1;
    if (frame.type === 'sales.totals') {
      this.sales.takeStoreMinutes(this.#shown(frame.items));
      this.#tell();
    } else if (frame.type === 'presence') this.#takePresence(frame);
    else if (frame.type === 'delivery') this.#takeDeliveryFrame(frame);
  }

  #shown<T extends { store: string }>(items: readonly T[]): readonly T[] {
    const { region } = this;
    if (region === undefined) return items;
    return items.filter(({ store }) => this.#stores.get(store)?.region === region);
  }

  #takePresence({ items }: PresenceFrame): void {
    this.#changeStores(() => {
      for (const { storeId, connected, at } of items) {
        const known = this.#presence.get(storeId);
        if (known !== undefined && known.at > at) continue;
        const presence = { connected, at, turn: this.#turn };
        this.#presence.set(storeId, presence);
        const store = this.#stores.get(storeId);
        if (store !== undefined) this.#stores.set(storeId, withPresence(store, presence));
      }
    });
  }

  #takeDeliveryFrame({ type: _, updateId, ...counts }: DeliveryFrame): void {
    const { targeted, applied, rejected, pending, offline } = counts;
    const expired = Math.max(0, targeted - applied - rejected - pending - offline);
    const lastAppliedMs = this.#deliveries.get(updateId)?.lastAppliedMs ?? null;
    this.takeDelivery(updateId, { ...counts, expired, lastAppliedMs });
  }
}

function withPresence(store: Store, { connected, at }: Presence): Store {
  if (store.since !== null && store.since > at) return store;
  return { ...store, connected, since: at };
}

function answered({ applied, rejected }: Delivery): number {
  return applied + rejected;
}
