/**
 * Brings the outbox to the chain: one frame at a time, the oldest sales first, again until each is accepted or
 * refused by name. It keeps no copy: whatever is not settled is at the outbox's front, and so in the next frame.
 */
import type { ErrorFrame, SalesAcceptedFrame } from '../../domain/protocol/chain-frames.ts';
import { MAX_SALES, type Sale } from '../../domain/sales/sale.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';
import type { Outbox } from './outbox.ts';

export interface SalesSenderOptions {
  clock: Clock;
  backoff: Backoff;
  outbox: Outbox;
  /** How long sales gather; infinite where they wait until {@link SalesSender.flush}. */
  gatherMs: () => number;
  salesPerSecond: number;
  answerTimeoutMs: number;
  send: (requestId: string, sales: readonly Sale[]) => void;
  /** A frame got no answer in time, and is repeated. */
  unanswered: () => void;
}

const NAME_PREFIX = 'sales-';

/** Whether a frame with sales has this name. */
export function isOfSales(requestId: string): boolean {
  return requestId.startsWith(NAME_PREFIX);
}

/** Frames whose answers still count. */
const MOST_FRAMES = 32;

interface InFlight {
  requestId: string;
  sales: readonly Sale[];
  /** If it fails, what comes next waits so long. */
  waitMs: number;
}

export class SalesSender {
  readonly #options: SalesSenderOptions;
  #running = false;
  #inFlight: InFlight | undefined;
  /** The sales of this line's last frames: an answer may come late, when another till's sale has the same id. */
  readonly #frames = new Map<string, readonly Sale[]>();
  #sent = 0;
  /** Sales in a frame: fewer after an `invalid_frame`, until the one that spoils it is found. */
  #limit = MAX_SALES;
  #pacedUntil = 0;
  /** What was stored until then waits for no interval: it was sent before, there is a new line, or somebody hurries it. */
  #dueUntil = Number.NEGATIVE_INFINITY;
  #backedOffUntil = 0;
  #cancelTimer: () => void = () => {};

  constructor(options: SalesSenderOptions) {
    this.#options = options;
  }

  /** A new line: what was sent on another one may be lost. */
  restart(): void {
    this.#running = true;
    this.#inFlight = undefined;
    this.#frames.clear();
    this.#backedOffUntil = 0;
    this.#hurryAll();
    this.#proceed();
  }

  stop(): void {
    this.#running = false;
    this.#inFlight = undefined;
    this.#cancelTimer();
  }

  /** There is a sale more. */
  wake(): void {
    if (this.#inFlight === undefined) this.#proceed();
  }

  /**
   * Sends what is due now, whatever the pace.
   *
   * @param soldBefore only what was sold before this time, in milliseconds since the epoch
   * @returns whether a frame has left
   */
  flush(soldBefore: number): boolean {
    const { clock, outbox } = this.#options;
    const mayNot = Math.max(this.#pacedUntil, this.#backedOffUntil) > clock.now();
    if (!this.#running || this.#inFlight !== undefined || mayNot) return false;
    const { sales } = outbox.batch(this.#limit, soldBefore);
    if (sales.length > 0) this.#send(sales);
    return sales.length > 0;
  }

  /** Nothing that is in the outbox now waits any longer. */
  hurry(): void {
    this.#hurryAll();
    this.wake();
  }

  accepted({ requestId, saleIds, rejected }: Omit<SalesAcceptedFrame, 'type'>): void {
    const { outbox } = this.#options;
    const inFlight = this.#inFlight;
    const answered = this.#frames.get(String(requestId ?? inFlight?.requestId)) ?? [];
    const held = new Map(answered.filter(sale => outbox.isHeld(sale)).map(sale => [sale.saleId, sale]));
    outbox.settle(
      saleIds.flatMap(saleId => held.get(saleId) ?? []),
      rejected.flatMap(({ saleId, ...why }) => {
        const sale = saleId === null ? undefined : held.get(saleId);
        return sale === undefined ? [] : [{ sale, ...why }];
      }),
    );
    if (inFlight === undefined) {
      this.#proceed();
      return;
    }
    const open = inFlight.sales.filter(sale => outbox.isHeld(sale)).length;
    if (open < inFlight.sales.length) this.#options.backoff.reset();
    if (open === 0) this.#succeed();
    else if ((requestId ?? inFlight.requestId) === inFlight.requestId) this.#repeatLater(inFlight);
  }

  /** The chain answered with an error frame. */
  refused({ requestId, code, message }: Pick<ErrorFrame, 'requestId' | 'code' | 'message'>): void {
    const inFlight = this.#inFlight;
    if (inFlight === undefined || requestId !== inFlight.requestId) return;
    if (code === 'invalid_frame') this.#narrow(inFlight, message);
    else this.#repeatLater(inFlight);
  }

  /** Some frame was lost at the gateway: perhaps the one with the sales. */
  disturbed(): void {
    if (this.#inFlight !== undefined) this.#repeatLater(this.#inFlight);
  }

  #hurryAll(): void {
    this.#dueUntil = this.#options.clock.now();
  }

  /** Sends the next frame, or waits until it is due. */
  #proceed(): void {
    const { clock, gatherMs, outbox } = this.#options;
    this.#cancelTimer();
    this.#inFlight = undefined;
    if (!this.#running) return;
    const { sales, isFull, since, dueInMs } = outbox.batch(this.#limit);
    if (sales.length === 0) {
      this.#dueUntil = Number.NEGATIVE_INFINITY;
      if (Number.isFinite(dueInMs)) this.#cancelTimer = clock.after(dueInMs, () => this.#proceed());
      return;
    }
    const isWaiting = !isFull && since > this.#dueUntil;
    if (isWaiting && gatherMs() === Number.POSITIVE_INFINITY) return;
    const gatheredAt = isWaiting ? since + gatherMs() : 0;
    const waitMs = Math.max(gatheredAt, this.#pacedUntil, this.#backedOffUntil) - clock.now();
    if (waitMs <= 0) this.#send(sales);
    else this.#cancelTimer = clock.after(waitMs, () => this.#proceed());
  }

  #send(sales: Sale[]): void {
    const { clock, backoff, salesPerSecond, answerTimeoutMs, send, unanswered } = this.#options;
    this.#sent += 1;
    const requestId = NAME_PREFIX + this.#sent;
    const waitMs = backoff.next();
    this.#inFlight = { requestId, sales, waitMs };
    this.#frames.set(requestId, sales);
    this.#frames.delete(NAME_PREFIX + (this.#sent - MOST_FRAMES));
    this.#pacedUntil = clock.now() + (sales.length * 1_000) / salesPerSecond;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(answerTimeoutMs + waitMs, () => {
      this.#hurryAll();
      this.#proceed();
      unanswered();
    });
    send(requestId, sales);
  }

  #succeed(): void {
    this.#limit = Math.min(2 * this.#limit, MAX_SALES);
    this.#proceed();
  }

  #repeatLater({ waitMs }: InFlight): void {
    this.#backedOffUntil = this.#options.clock.now() + waitMs;
    this.#hurryAll();
    this.#proceed();
  }

  /** Something in the frame spoils it: half of it may pass, and a single sale that doesn't is the one. */
  #narrow({ sales: [first, ...others] }: InFlight, message: string): void {
    this.#options.backoff.reset();
    if (first !== undefined && others.length === 0) {
      this.#options.outbox.settle([], [{ sale: first, code: 'invalid_frame', message }]);
      this.#succeed();
    } else {
      this.#limit = Math.max(1, Math.floor((1 + others.length) / 2));
      this.#hurryAll();
      this.#proceed();
    }
  }
}
