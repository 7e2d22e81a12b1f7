/**
 * Work that one invocation does at a time: an item says who holds it and until when, how far the work has come, and
 * whether it is done. Lambda's retries keep their request id, so an attempt takes up at once what an earlier one of its
 * own left behind; another invocation waits until the lease is over. A holder notes its progress only while it still
 * holds the work: one that was frozen for longer than its lease learns so by LeaseLostError, and stops.
 */
import { flag, json, number, text } from './codecs.ts';
import { type Expression, expression } from './expression.ts';
import { ItemSchema, optional } from './item-schema.ts';

/** Places in work that has parts: by part, the last one of it that counts. */
type Places = Record<string, string>;

/** How far work has come, and where it ends. */
export interface Extent {
  /** Behind it the work goes on. @default from the start */
  checkpoint?: Places | undefined;
  /** What lies behind it is no part of the work any more. @default up to the last */
  end?: Places | undefined;
}

/** The attributes of an item that is leased, besides its own. */
export const leased = {
  /** The invocation's request id. */
  holder: text,
  leasedUntil: number,
  checkpoint: optional(json<Places>()),
  end: optional(json<Places>()),
  isDone: optional(flag),
};

/** Another invocation holds the work by now. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

interface LeaseState extends Extent {
  holder: string;
  leasedUntil: number;
  isDone?: boolean | undefined;
}

/** A table of leased items. */
interface LeasedTable<Key, Own> {
  insert(record: Own & LeaseState): Promise<boolean>;
  get(key: Key): Promise<(Own & LeaseState) | undefined>;
  update(key: Key, change: Expression, condition: Expression): Promise<boolean>;
}

/** What `begin` says of work: go on with it, or leave it, since another holds it or it is done. */
export type Beginning<Work> = ({ status: 'begun' } & Work) | { status: 'held' } | { status: 'done' };

/** Longer than a worker takes between two renewals, shorter than Lambda's first retry, which comes after a minute. */
const LEASE_MS = 30_000;
const { attributes } = new ItemSchema('leased', { holder: leased.holder }, leased);

/**
 * Takes up work: enters its item, or takes over the one that is there.
 *
 * @param own what the item has of its own where it is new
 * @param holder the invocation's request id
 * @returns the lease, and the item as it stands: an earlier attempt may have entered another
 */
export async function beginWork<Key, Own extends Key>(
  table: LeasedTable<Key, Own>,
  key: Key,
  own: Own,
  holder: string,
  now: number,
): Promise<Beginning<{ lease: Lease; item: Own }>> {
  const leasedUntil = now + LEASE_MS;
  const begun = (item: Own, extent: Extent) => {
    const update = (change: Expression) => table.update(key, change, attributes.holder.is(holder));
    return { status: 'begun', item, lease: new Lease(extent, update) } as const;
  };
  if (await table.insert({ ...own, holder, leasedUntil })) return begun(own, {});
  const item = await table.get(key);
  if (item?.isDone) return { status: 'done' };
  if (item === undefined || (item.leasedUntil > now && item.holder !== holder)) return { status: 'held' };
  const change = expression`SET ${attributes.leasedUntil.is(leasedUntil)}, ${attributes.holder.is(holder)}`;
  // Of several that find the lease over, one is first.
  const isTaken = await table.update(key, change, attributes.leasedUntil.is(item.leasedUntil));
  return isTaken ? begun(item, item) : { status: 'held' };
}

/** Work that this invocation holds. */
export class Lease {
  /** As earlier attempts have noted it. */
  readonly extent: Extent;
  readonly #update: (change: Expression) => Promise<boolean>;

  /** @param update of the leased item; false for one that does not hold it any more */
  constructor({ checkpoint, end }: Extent, update: (change: Expression) => Promise<boolean>) {
    this.extent = { ...(checkpoint && { checkpoint }), ...(end && { end }) };
    this.#update = update;
  }

  /** Keeps others off while the work takes its time, and notes how far it has come. @throws LeaseLostError */
  renew(checkpoint: Places, now: number): Promise<void> {
    const until = attributes.leasedUntil.is(now + LEASE_MS);
    return this.#write(expression`SET ${until}, ${attributes.checkpoint.is(checkpoint)}`);
  }

  /** Ends the work here: what lies behind is given to others, also after a crash. @throws LeaseLostError */
  cut(end: Places): Promise<void> {
    return this.#write(expression`SET ${attributes.end.is(end)}`);
  }

  /** The work is done: a copy of its event changes nothing. @throws LeaseLostError */
  finish(): Promise<void> {
    return this.#write(expression`SET ${attributes.isDone.is(true)}`);
  }

  async #write(change: Expression): Promise<void> {
    if (!(await this.#update(change))) throw new LeaseLostError('another invocation has taken over the work');
  }
}
