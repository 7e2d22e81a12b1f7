/**
 * A fleet in the tables, and each way of looking at it, by the very functions of the Lambdas: a part of the benchmark, beside
 * the tables, so that its CPU is the functions'.
 */
import type { Update } from '../../domain/updates/update.ts';
import { DriftFinder } from '../../lambdas/books/drift-finder.ts';
import { listStores } from '../../lambdas/management/stores/store-routes.ts';
import { sumDeliveries } from '../../lambdas/receipts/delivery-sum.ts';
import { ReceiptGatherer } from '../../lambdas/receipts/receipt-gatherer.ts';
import { receiptsFromEnvironment, receiptTablesFromEnvironment } from '../../lambdas/receipts/receipts.ts';
import { connectionsFromEnvironment } from '../../lambdas/registry/connections.ts';
import { rosterFromEnvironment } from '../../lambdas/registry/roster.ts';
import { currentStateFromEnvironment } from '../../lambdas/updates/current-state.ts';
import { answerQuestions } from '../processes.ts';
import { priceUpdateOf } from './one-price.ts';
import type { PathName } from './paths.ts';

const AT_ONCE = 32;
const MINUTE = 60_000;
const nobody = { page: () => Promise.reject(new Error('no book is built')) };

class MeasuredFleet {
  readonly #ids: readonly string[];
  readonly #startedAt = Date.now();
  readonly #connections = connectionsFromEnvironment();
  readonly #roster = rosterFromEnvironment();
  readonly #current = currentStateFromEnvironment();
  readonly #tables = receiptTablesFromEnvironment();
  readonly #update: Update;

  constructor(stores: number) {
    this.#ids = Array.from({ length: stores }, (_, index) => `store-${String(index).padStart(7, '0')}`);
    this.#update = priceUpdateOf(new Date(this.#startedAt + MINUTE));
  }

  async join(): Promise<void> {
    await this.#each(async (storeId, index) => {
      const identity = this.#identityOf(storeId, index);
      const connectedAt = this.#startedAt;
      await this.#connections.register(
        { identity, connectionId: `L0SM9c${storeId}=`, connectedAt },
        connectedAt,
      );
      await this.#roster.heard(identity, connectedAt, { positions: { all: 1 }, book: '0123456789abcdef' });
    });
  }

  async run(path: PathName): Promise<void> {
    const sources = {
      connections: this.#connections,
      current: this.#current,
      roster: this.#roster,
      receipts: receiptsFromEnvironment(),
    };
    const now = this.#startedAt + 2 * MINUTE;
    const request = { now, body: '', parameters: {} } as never as Parameters<typeof listStores>[0];
    switch (path) {
      case 'page':
        return void (await listStores({ ...request, query: { limit: '100' } }, sources));
      case 'largePage':
        return void (await listStores({ ...request, query: { limit: '1000' } }, sources));
      case 'registry':
        for await (const _ of this.#connections.members(undefined, now));
        return;
      case 'gauge':
        return void (await this.#connections.countStores(now));
      case 'books':
        return void (await new DriftFinder({ roster: this.#roster, catchUp: nobody }).run(now));
      case 'reports':
        return this.#report(now);
      case 'gather':
        return void (await new ReceiptGatherer(this.#tables).run(now + MINUTE, () => true));
      case 'delivery': {
        const { counts } = (await sumDeliveries([this.#update], sources, now)).get(this.#update.id) ?? {};
        if (counts?.applied !== this.#ids.length)
          throw new Error(`not all have applied it: ${counts?.applied}`);
      }
    }
  }

  /** A minute in which each store tells of one update: where it stands, and its receipt. */
  async #report(now: number): Promise<void> {
    const receipt = { updateId: this.#update.id, outcome: 'applied', at: now } as const;
    await this.#each(async (storeId, index) => {
      const standing = { positions: { all: 2 }, book: 'fedcba9876543210' };
      const line = { identity: this.#identityOf(storeId, index), connectionId: '', connectedAt: 0 };
      await this.#connections.registered(line, { isEventual: true });
      await this.#roster.heard(line.identity, now, standing);
      await this.#tables.inbox.put(storeId, [receipt], now);
    });
  }

  #identityOf(storeId: string, index: number) {
    return {
      role: 'store',
      storeId,
      region: `region-${index % 50}`,
      groups: [`group-${index % 5}`],
    } as const;
  }

  async #each(act: (storeId: string, index: number) => Promise<void>): Promise<void> {
    let next = 0;
    const work = async () => {
      while (next < this.#ids.length) {
        const index = next++;
        await act(this.#ids[index] ?? '', index);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
}

const [stores = '0'] = process.argv.slice(2);
const fleet = new MeasuredFleet(Number(stores));

/** Answers with the seconds of CPU that it took. */
answerQuestions(async (question: 'join' | PathName): Promise<number> => {
  const before = process.cpuUsage();
  if (question === 'join') await fleet.join();
  else await fleet.run(question);
  const { system, user } = process.cpuUsage(before);
  return (user + system) / 1e6;
});
