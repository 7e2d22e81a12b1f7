/**
 * All that a store has to say, in one frame: sales, receipts, and where it stands. Who sends sales decides when they go;
 * receipts ride along, or go by themselves where they can't wait.
 */
import type { ReportAcceptedFrame } from '../../domain/protocol/chain-frames.ts';
import type { RequestId } from '../../domain/protocol/frame-error.ts';
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { ClosingCount, TillClosing } from '../../domain/sales/gaps.ts';
import type { Sale } from '../../domain/sales/sale.ts';
import type { Positions } from '../../domain/updates/update.ts';
import { isOfSales, type SalesSender } from '../sales/sales-sender.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import type { Receipts } from '../updates/receipt-sender.ts';
import { ReportPace } from './report-pace.ts';

export interface ReporterOptions {
  clock: Clock;
  serverClock: ServerClock;
  random: () => number;
  send: (frame: StoreFrameInput) => boolean;
  sales: () => SalesSender;
  receipts: () => Receipts;
  positions: () => Positions;
}

/** A frame holds 32 KB; some are left for what surrounds sales and receipts. */
const MAX_FRAME_BYTES = 31_000;
/** Reports whose answers still tell the time. */
const MOST_ASKED = 8;

export class Reporter {
  readonly pace: ReportPace;
  readonly #options: ReporterOptions;
  /** When each report left, by its name. */
  readonly #asked = new Map<string, number>();
  readonly #closings = new Map<string, (count: ClosingCount) => void>();
  #isOpen = false;
  #sent = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.pace = new ReportPace({ ...options, due: () => this.#due() });
  }

  lineOpened(): void {
    this.#isOpen = true;
    this.pace.start();
  }

  lineLost(): void {
    this.#isOpen = false;
    this.pace.stop();
    this.#asked.clear();
    this.#closings.clear();
  }

  /** Receipts are saved: they leave now where somebody waits for them, else with the next report. */
  receiptsReady(): void {
    if (this.#options.receipts().areWanted || !this.pace.isAtRest) this.#sendReceipts();
  }

  /** Sends sales with what else there is. @param requestId names the answer */
  sendSales(requestId: string, sales: readonly Sale[]): void {
    this.#send(requestId, { sales: [...sales] });
  }

  /** Asks what the chain counts of a till's day; the answer comes on this line or not at all. */
  close(closing: TillClosing): Promise<ClosingCount> {
    return new Promise(resolve => {
      const requestId = this.#nextName();
      this.#closings.set(requestId, resolve);
      this.#send(requestId, { closing });
    });
  }

  /** @returns when this answer was asked for; undefined if it wasn't, or too long ago */
  accepted(answer: ReportAcceptedFrame): number | undefined {
    const { closing, ids, reportEveryMs, requestId, saleIds, rejected } = answer;
    const name = String(requestId);
    this.pace.heard(reportEveryMs);
    if (isOfSales(name)) this.#options.sales().accepted({ requestId, saleIds, rejected });
    if (closing !== undefined) this.#closings.get(name)?.(closing);
    this.#closings.delete(name);
    const askedAt = this.#asked.get(name);
    this.#asked.delete(name);
    // More may wait than one frame holds.
    if (ids.length > 0) this.receiptsReady();
    return askedAt;
  }

  #due(): void {
    const { sales } = this.#options;
    if (!sales().flush(this.pace.wholeBefore)) this.#sendReceipts();
  }

  /** Without a line they stay as they are: what is taken counts as sent. */
  #sendReceipts(): void {
    const { receipts } = this.#options;
    while (this.#isOpen && receipts().hasReady && this.#send(this.#nextName(), {}));
  }

  #send(requestId: string, content: { sales?: Sale[]; closing?: TillClosing }): boolean {
    const { positions, receipts, send } = this.#options;
    const own = { action: 'report', requestId, ...content, positions: positions() } as const;
    const isSent = send({ ...own, ...receipts().take(MAX_FRAME_BYTES - bytesOf(own)) });
    if (isSent) this.#note(requestId);
    return isSent;
  }

  #note(requestId: RequestId): void {
    this.#asked.set(String(requestId), this.#options.clock.now());
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MOST_ASKED && oldest !== undefined) this.#asked.delete(oldest);
  }

  #nextName(): string {
    this.#sent += 1;
    return `report-${this.#sent}`;
  }
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
