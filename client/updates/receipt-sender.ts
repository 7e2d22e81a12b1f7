/**
 * The proof that an update was applied, or refused and why. A receipt leaves only after it was saved, and is sent
 * again and again, over restarts, until the chain has accepted it. It rides in the store's reports.
 */
import { type Changed, TrackedMap } from '../../domain/book/tracked-map.ts';
import { MAX_REASON_LENGTH, MAX_RECEIPTS } from '../../domain/protocol/store-frames.ts';
import { wellFormed } from '../../domain/text.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';

export type Receipt = { id: string; appliedAt: string } | { id: string; reason: string };

/** Receipts as a report carries them. */
export interface TakenReceipts {
  updates: Extract<Receipt, { appliedAt: string }>[];
  rejected: Extract<Receipt, { reason: string }>[];
}

interface Pending {
  receipt: Receipt;
  /** Somebody waits for it. */
  isWanted: boolean;
  saved: boolean;
  sent: boolean;
}

export interface ReceiptsOptions {
  clock: Clock;
  backoff: Backoff;
  /** Waited for an answer before the first repeat; later ones wait longer. */
  answerTimeoutMs: number;
  /** There is something to be sent, now or with the next report. */
  ready: () => void;
}

export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #pending = new TrackedMap<Pending>();
  #cancelRepeat: () => void = () => {};

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  applied(id: string, appliedAt: string, isWanted: boolean): void {
    this.#pending.set(id, { receipt: { id, appliedAt }, isWanted, saved: false, sent: false });
  }

  rejected(id: string, reason: string, isWanted: boolean): void {
    const receipt = { id, reason: wellFormed(reason, MAX_REASON_LENGTH) };
    this.#pending.set(id, { receipt, isWanted, saved: false, sent: false });
  }

  /** Whether some are saved and not on their way. */
  get hasReady(): boolean {
    return this.#ready().length > 0;
  }

  /** Whether somebody waits for one of these. */
  get areWanted(): boolean {
    return this.#ready().some(({ isWanted }) => isWanted);
  }

  /** Whether some were sent and are not accepted yet. */
  get areUnderWay(): boolean {
    return [...this.#pending.values()].some(({ sent }) => sent);
  }

  /** An update came again: perhaps its receipt never arrived. Nothing happens if it was accepted. */
  repeat(id: string): void {
    const pending = this.#pending.get(id);
    if (pending !== undefined) pending.sent = false;
  }

  /** The chain has stored these. Answers whether anything was waiting for that. */
  accepted(ids: readonly string[]): boolean {
    const known = ids.filter(id => this.#pending.delete(id));
    if (!this.areUnderWay) {
      this.#cancelRepeat();
      this.#options.backoff.reset();
    }
    return known.length > 0;
  }

  /** As many of those that are saved and not on their way as fit; they are on their way from now on. */
  take(bytes: number): TakenReceipts {
    const taken: TakenReceipts = { updates: [], rejected: [] };
    let size = 0;
    let count = 0;
    for (const pending of this.#ready()) {
      size += bytesOf(pending.receipt) + 1;
      count += 1;
      if (count > MAX_RECEIPTS || size > bytes) break;
      pending.sent = true;
      if ('appliedAt' in pending.receipt) taken.updates.push(pending.receipt);
      else taken.rejected.push(pending.receipt);
    }
    if (taken.updates.length + taken.rejected.length > 0) this.#repeatLater();
    return taken;
  }

  /** What was sent may be lost, as on a line that broke: it goes again, and waits for no interval. */
  restart(): void {
    this.stop();
    for (const pending of this.#pending.values()) {
      pending.isWanted ||= pending.sent;
      pending.sent = false;
    }
    this.#options.ready();
  }

  stop(): void {
    this.#cancelRepeat();
  }

  snapshot(): Receipt[] {
    return [...this.#pending.values()].map(({ receipt }) => receipt);
  }

  /** What has changed since this was asked last; undefined the first time: everything. */
  takeChanges(): Changed<Receipt> | undefined {
    return this.#pending.takeChanges(({ receipt }) => [receipt]);
  }

  /** They are being saved. Answers what to call once they are. */
  saving(): () => void {
    const pending = [...this.#pending.values()];
    return () => {
      for (const one of pending) one.saved = true;
    };
  }

  restore(receipts: readonly Receipt[]): void {
    for (const receipt of receipts) {
      // One that was made since then is the newer; one of an earlier process has waited long enough.
      if (!this.#pending.has(receipt.id))
        this.#pending.set(receipt.id, { receipt, isWanted: true, saved: true, sent: false });
    }
  }

  #ready(): Pending[] {
    return [...this.#pending.values()].filter(({ saved, sent }) => saved && !sent);
  }

  #repeatLater(): void {
    this.#cancelRepeat();
    const { clock, backoff, answerTimeoutMs } = this.#options;
    this.#cancelRepeat = clock.after(answerTimeoutMs + backoff.next(), () => this.restart());
  }
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
