/** The book that a store should have: built as a new store would build it, by syncing from the start. */
import { PriceBook } from '../../domain/book/price-book.ts';
import { isSupported } from '../../domain/protocol/chain-frames.ts';
import { type StorePlacement, storeChannels } from '../../domain/updates/channels.ts';
import { InvalidUpdateError } from '../../domain/updates/read-update.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { CatchUp, Place } from '../updates/missed-updates.ts';

export interface ExpectedBook {
  hash: string;
  /** Where a store stands that has it. */
  positions: Positions;
}

/** @param now milliseconds since the epoch */
export async function expectedBook(
  store: StorePlacement & { timeZone?: string | undefined },
  catchUp: Pick<CatchUp, 'page'>,
  now: number,
): Promise<ExpectedBook> {
  const channels = storeChannels(store);
  const book = new PriceBook();
  book.timeZone = store.timeZone ?? 'UTC';
  let place: Place = { positions: {} };
  for (;;) {
    const page = await catchUp.page(channels, place, now);
    for (const update of page.updates) takeInto(book, update);
    const { positions } = page;
    // A withdrawal also brings back what is of other stores' channels alone.
    if (!page.more && positions !== undefined)
      return { hash: book.ofChannels(channels).hash(now), positions };
    place =
      'cursor' in page && page.cursor !== undefined
        ? { cursor: page.cursor }
        : { positions: positions ?? {} };
  }
}

/** What a till refuses as making no sense is in no book. */
function takeInto(book: PriceBook, update: Parameters<PriceBook['apply']>[0]): void {
  try {
    if (isSupported({ type: 'update', positions: {}, ...update })) book.apply(update);
  } catch (error) {
    if (!(error instanceof InvalidUpdateError)) throw error;
  }
}
