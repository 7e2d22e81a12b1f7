/**
 * Receipts: the evidence that a store applied an update, or why it didn't. They are stored by store, all of a frame in
 * one write (receipt-inbox.ts), and gathered by update a minute later (gathered-receipts.ts). Whoever asks for those of
 * an update reads both, so what was answered as accepted is found at once.
 */
import { type GatheredReceipts, gatheredFromEnvironment } from './gathered-receipts.ts';
import { inboxFromEnvironment, type ReceiptInbox, type UpdateReceipt } from './receipt-inbox.ts';
import type { Receipt } from './receipt-rows.ts';

export interface ReceiptTables {
  inbox: ReceiptInbox;
  gathered: GatheredReceipts;
}

export function receiptTablesFromEnvironment(): ReceiptTables {
  return { inbox: inboxFromEnvironment(), gathered: gatheredFromEnvironment() };
}

export function receiptsFromEnvironment(): Receipts {
  return new Receipts(receiptTablesFromEnvironment());
}

export class Receipts {
  readonly #tables: ReceiptTables;

  constructor(tables: ReceiptTables) {
    this.#tables = tables;
  }

  /** Every receipt of an update: of each store the first one, but an update that was rejected may be applied later. */
  async of(updateId: string): Promise<Receipt[]> {
    return (await this.ofEach([updateId])).get(updateId) ?? [];
  }

  /** The same of several updates, for which the inbox is read once. @param part of whose stores @default of all */
  async ofEach(updateIds: readonly string[], part?: number): Promise<Map<string, Receipt[]>> {
    const found = new Map(updateIds.map(id => [id, new Map<string, Receipt>()]));
    const own = this.#tables.inbox.shardsOf(part);
    await Promise.all(own.map(shard => this.#read(shard, found)));
    return new Map([...found].map(([id, byStore]) => [id, [...byStore.values()]]));
  }

  /** The mark comes first: what is before it was gathered by then, and what is after it is in the inbox. */
  async #read(shard: number, found: Map<string, Map<string, Receipt>>): Promise<void> {
    const { gathered, inbox } = this.#tables;
    const mark = await inbox.mark(shard);
    const [recent] = await Promise.all([
      arrivedSince(inbox, shard, mark),
      ...[...found].map(async ([id, byStore]) => {
        for (const receipt of await gathered.of(id, shard)) keep(byStore, receipt);
      }),
    ]);
    for (const { updateId, ...receipt } of recent) {
      const byStore = found.get(updateId);
      if (byStore !== undefined) keep(byStore, receipt);
    }
  }
}

async function arrivedSince(inbox: ReceiptInbox, shard: number, mark: string): Promise<UpdateReceipt[]> {
  const receipts: UpdateReceipt[] = [];
  for await (const page of inbox.after(shard, mark)) receipts.push(...page.receipts);
  return receipts;
}

/** @param receipt that came after those of its store which are there */
function keep(byStore: Map<string, Receipt>, receipt: Receipt): void {
  const first = byStore.get(receipt.storeId);
  if (first === undefined || (first.outcome === 'rejected' && receipt.outcome === 'applied'))
    byStore.set(receipt.storeId, receipt);
}
