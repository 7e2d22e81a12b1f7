/** Ours: the local cloud with AWS's limits, the client library with its defaults, updates on the bus. */
import { WebSocket } from 'ws';
import { loadTarget, type Target } from '../../../cli/target.ts';
import { createStoreClient, memoryOutbox } from '../../../client/node.ts';
import { operations } from '../../../domain/protocol/http-api.ts';
import { startPart } from '../../processes.ts';
import type { Peer, PeerOptions, Server, Store, Update } from './peer.ts';

/** Reports that are asked for at once. */
const ASKED_AT_ONCE = 2;

export class StorecastPeer implements Peer {
  readonly #assembly: string;
  readonly #data: string;
  #target: Target | undefined;

  /** @param assembly what `cdk synth` wrote */
  constructor({ dataDirectory }: PeerOptions, assembly: string) {
    this.#assembly = assembly;
    this.#data = dataDirectory;
  }

  async start(): Promise<Server> {
    const args = [this.#assembly, 'as on AWS', this.#data];
    const part = startPart(new URL('../../broadcast/cloud.ts', import.meta.url), { args });
    const outputsFile = (await part.ask('outputs file')) as string;
    this.#target = loadTarget(outputsFile);
    const port = Number(new URL(this.#ours.outputs.StoreEndpoint).port);
    return { port, pid: part.pid ?? 0, kill: () => part.kill() };
  }

  async connect({ handle, id, port }: Store): Promise<void> {
    const url = new URL(this.#ours.outputs.StoreEndpoint);
    url.port = String(port);
    const client = createStoreClient({
      url: url.href,
      token: await this.#ours.mint({ role: 'store', storeId: id, region: undefined, groups: [] }),
      outbox: memoryOutbox(),
      WebSocket,
      // Where an offer ended while a store was away, the store is told that it is withdrawn instead.
      apply: ({ id: updateId, kind }) => {
        if (kind !== 'offer.withdrawn') handle(numberOf(updateId));
      },
    });
    await new Promise<void>(resolve => client.on('synced', () => resolve()));
  }

  async publish({ endsAt, number }: Update): Promise<void> {
    const updateId = idOf(number);
    if (endsAt === undefined) {
      const prices = [{ sku: '4006381333931', amount: number, currency: 'EUR' }];
      await this.#ours.putEvent('bench', 'PriceChanged', { updateId, prices });
    } else {
      await this.#ours.putEvent('bench', 'OfferPublished', {
        updateId,
        offerId: updateId,
        title: 'Ten percent off',
        skus: ['4006381333931'],
        discount: { percent: 10 },
        validUntil: new Date(endsAt).toISOString(),
      });
    }
  }

  /** As `delivery --watch` asks: so stores report within a second what they would within a minute. */
  async receipts(numbers: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const left = [...numbers];
    const applied = new Map<number, number>();
    const work = async () => {
      for (let number = left.pop(); number !== undefined; number = left.pop())
        applied.set(number, await this.#appliedOf(idOf(number)));
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, work));
    return applied;
  }

  async #appliedOf(id: string): Promise<number> {
    const call = { parameters: { id }, query: { limit: 1 } };
    return (await this.#ours.api.call(operations.getDelivery, call)).applied;
  }

  get #ours(): Target {
    if (this.#target === undefined) throw new Error('the cloud has not started yet');
    return this.#target;
  }
}

const idOf = (number: number): string => `jitter-${number}`;
const numberOf = (id: string): number => Number(id.slice('jitter-'.length));
