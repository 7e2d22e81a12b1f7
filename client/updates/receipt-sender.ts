/**
 * The proof that an update was applied, or refused and why. A receipt leaves only after it was saved, and is sent
 * again and again, over restarts, until the chain has accepted it.
 */
import { MAX_REASON_LENGTH, MAX_RECEIPTS, type StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import { wellFormed } from '../../domain/text.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';

export type Receipt = { id: string; appliedAt: string } | { id: string; reason: string };
type AppliedFrame = Extract<StoreFrameInput, { action: 'applied' }>;

interface Pending {
  receipt: Receipt;
  saved: boolean;
  sent: boolean;
}

export interface ReceiptsOptions {
  clock: Clock;
  backoff: Backoff;
  /** Waited for an answer before the first repeat; later ones wait longer. */
  answerTimeoutMs: number;
  send: (frame: StoreFrameInput) => boolean;
  positions: () => Positions;
}

/** A frame holds 32 KB; some are left for what surrounds the receipts. */
const MAX_FRAME_BYTES = 31_000;

export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #pending = new Map<string, Pending>();
  #cancelRepeat: () => void = () => {};

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  applied(id: string, appliedAt: string): void {
    this.#pending.set(id, { receipt: { id, appliedAt }, saved: false, sent: false });
  }

  rejected(id: string, reason: string): void {
    const receipt = { id, reason: wellFormed(reason, MAX_REASON_LENGTH) };
    this.#pending.set(id, { receipt, saved: false, sent: false });
  }

  /** An update came again: perhaps its receipt never arrived. Nothing happens if it was accepted. */
  repeat(id: string): void {
    const pending = this.#pending.get(id);
    if (pending !== undefined) pending.sent = false;
  }

  /** The chain has stored these. Answers whether anything was waiting for that. */
  accepted(ids: readonly string[]): boolean {
    const known = ids.filter(id => this.#pending.delete(id));
    if (![...this.#pending.values()].some(({ sent }) => sent)) {
      this.#cancelRepeat();
      this.#options.backoff.reset();
    }
    return known.length > 0;
  }

  /** Sends what is saved and not on its way. */
  flush(): void {
    const ready = [...this.#pending.values()].filter(({ saved, sent }) => saved && !sent);
    if (ready.length === 0) return;
    for (const batch of batches(ready, this.#options.positions())) {
      if (!this.#options.send(batch.frame)) return;
      for (const pending of batch.pending) pending.sent = true;
    }
    this.#repeatLater();
  }

  /** A new line: what was sent on another one may be lost. */
  restart(): void {
    this.stop();
    for (const pending of this.#pending.values()) pending.sent = false;
    this.flush();
  }

  stop(): void {
    this.#cancelRepeat();
  }

  /** What to save, and what to call once it is saved. */
  snapshot(): { receipts: Receipt[]; saved: () => void } {
    const pending = [...this.#pending.values()];
    const saved = (): void => {
      for (const one of pending) one.saved = true;
    };
    return { receipts: pending.map(({ receipt }) => receipt), saved };
  }

  restore(receipts: readonly Receipt[]): void {
    for (const receipt of receipts) {
      // One that was made since then is the newer.
      if (!this.#pending.has(receipt.id))
        this.#pending.set(receipt.id, { receipt, saved: true, sent: false });
    }
  }

  #repeatLater(): void {
    this.#cancelRepeat();
    const { clock, backoff, answerTimeoutMs } = this.#options;
    this.#cancelRepeat = clock.after(answerTimeoutMs + backoff.next(), () => this.restart());
  }
}

interface Batch {
  frame: AppliedFrame;
  pending: Pending[];
}

/** As few frames as the limits allow. */
function batches(ready: readonly Pending[], positions: Positions): Batch[] {
  const result: Batch[] = [];
  const base = bytesOf(positions);
  let batch: Pending[] = [];
  let size = base;
  for (const pending of ready) {
    const bytes = bytesOf(pending.receipt) + 1;
    if (batch.length === MAX_RECEIPTS || (batch.length > 0 && size + bytes > MAX_FRAME_BYTES)) {
      result.push({ frame: frameOf(batch, positions), pending: batch });
      batch = [];
      size = base;
    }
    batch.push(pending);
    size += bytes;
  }
  return [...result, { frame: frameOf(batch, positions), pending: batch }];
}

function frameOf(batch: readonly Pending[], positions: Positions): AppliedFrame {
  const receipts = batch.map(({ receipt }) => receipt);
  return {
    action: 'applied',
    updates: receipts.filter(receipt => 'appliedAt' in receipt),
    rejected: receipts.filter(receipt => 'reason' in receipt),
    positions,
  };
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
