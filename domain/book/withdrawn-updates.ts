/** The updates of prices that were withdrawn: what they say counts no more, even where it comes later. */
import { type Changed, TrackedMap } from './tracked-map.ts';

/** An update that was withdrawn; its prices count no more, even where they come later. */
export interface WithdrawnUpdate {
  updateId: string;
  /** When it was withdrawn. */
  withdrawnAt: string;
  channels: string[];
  /** The SKUs at which it was. @default all */
  skus?: string[];
}

/** The log keeps 30 days, and what it brings may lie on its way for as long again. */
const REMEMBER_MS = 60 * 86_400_000;

export class WithdrawnUpdates {
  readonly #entries: TrackedMap<WithdrawnUpdate>;

  constructor(entries: readonly WithdrawnUpdate[]) {
    this.#entries = new TrackedMap(entries.map(entry => [entry.updateId, entry]));
  }

  add(entry: WithdrawnUpdate): void {
    this.#entries.set(entry.updateId, joined(this.#entries.get(entry.updateId), entry));
  }

  /** Whether what an update says of a SKU is withdrawn. */
  has({ sku, updateId }: { sku: string; updateId: string }): boolean {
    const entry = this.#entries.get(updateId);
    return entry !== undefined && (entry.skus === undefined || entry.skus.includes(sku));
  }

  all(): WithdrawnUpdate[] {
    return [...this.#entries.values()];
  }

  takeChanges(): Changed<WithdrawnUpdate> | undefined {
    return this.#entries.takeChanges(entry => [entry]);
  }

  prune(before: number): void {
    for (const [id, { withdrawnAt }] of this.#entries)
      if (Date.parse(withdrawnAt) + REMEMBER_MS <= before) this.#entries.delete(id);
  }
}

/** Parts of a withdrawal come in any order. */
function joined(known: WithdrawnUpdate | undefined, { skus, ...entry }: WithdrawnUpdate): WithdrawnUpdate {
  if (skus === undefined || (known !== undefined && known.skus === undefined)) return entry;
  return { ...entry, skus: [...new Set([...(known?.skus ?? []), ...skus])] };
}
