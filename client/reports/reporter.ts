/**
 * All that a store has to say, in one frame: sales, receipts, and where it stands. Who sends sales decides when they go;
 * receipts ride along, or go by themselves where they can't wait.
 */
import type { ErrorFrame, ReportAcceptedFrame } from '../../domain/protocol/chain-frames.ts';
import type { RequestId } from '../../domain/protocol/frame-error.ts';
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { TillClosing } from '../../domain/sales/gaps.ts';
import type { Sale } from '../../domain/sales/sale.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { Backoff } from '../line/backoff.ts';
import { isOfSales, type SalesSender } from '../sales/sales-sender.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import type { Receipts, TakenReceipts } from '../updates/receipt-sender.ts';
import { Closings } from './closings.ts';
import { ReportPace } from './report-pace.ts';

export interface ReporterOptions {
  clock: Clock;
  serverClock: ServerClock;
  random: () => number;
  /** One for each thing that is repeated. */
  backoff: () => Backoff;
  answerTimeoutMs: number;
  send: (frame: StoreFrameInput) => boolean;
  sales: () => SalesSender;
  receipts: () => Receipts;
  positions: () => Positions;
  /** The hash of the book; undefined while that is not to be told. */
  book: () => string | undefined;
  /** A question got no answer in time, and was repeated. */
  unanswered: () => void;
}

/** What a report carries beside receipts and positions. */
interface Content {
  sales?: Sale[];
  closing?: TillClosing;
}

/** A frame holds 32 KB; some are left for what surrounds sales and receipts. */
const MAX_FRAME_BYTES = 31_000;
/** A hash of the book goes with a report so often, and by itself where a store has nothing else to say. */
const BOOK_EVERY_MS = 30_000;
const SILENT_BOOK_MS = 170_000;
/** Reports whose answers still tell the time. */
const MOST_ASKED = 8;

export class Reporter {
  readonly pace: ReportPace;
  readonly closings: Closings;
  readonly #options: ReporterOptions;
  /** When each report left, by its name. */
  readonly #asked = new Map<string, number>();
  #isOpen = false;
  /** When its hash was last told, or the line opened. */
  #bookAt = Number.NEGATIVE_INFINITY;
  #sent = 0;
  /** The chain on this line is older than reports: it takes their parts. */
  #isPlain = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.pace = new ReportPace({ ...options, due: () => this.#due() });
    this.closings = new Closings({ ...options, ask: closing => this.#ask(closing) });
  }

  lineOpened(): void {
    this.#isOpen = true;
    this.#isPlain = false;
    this.#bookAt = this.#options.clock.now();
    this.pace.start();
    this.closings.restart();
  }

  lineLost(): void {
    this.#isOpen = false;
    this.pace.stop();
    this.#asked.clear();
    this.closings.stop();
  }

  /** Receipts are saved: they leave now where somebody waits for them, else with the next report. */
  receiptsReady(): void {
    if (this.#options.receipts().areWanted || !this.pace.isAtRest) this.sendReceipts();
  }

  /** Sends those that are saved, whatever the pace. Without a line they stay as they are: what is taken counts as sent. */
  sendReceipts(): void {
    const { receipts } = this.#options;
    while (this.#isOpen && receipts().hasReady && this.#send(this.#nextName(), {}));
  }

  /** Sends sales with what else there is. @param requestId names the answer */
  sendSales(requestId: string, sales: readonly Sale[]): void {
    this.#send(requestId, { sales: [...sales] });
  }

  /** @returns when this answer was asked for; undefined if it wasn't, or too long ago */
  accepted(answer: ReportAcceptedFrame): number | undefined {
    const { closing, ids, reportEveryMs, requestId, saleIds, rejected } = answer;
    const name = String(requestId);
    this.pace.heard(reportEveryMs);
    if (isOfSales(name)) this.#options.sales().accepted({ requestId, saleIds, rejected });
    if (closing !== undefined) this.closings.answered(name, closing);
    const askedAt = this.#asked.get(name);
    this.#asked.delete(name);
    // More may wait than one frame holds.
    if (ids.length > 0) this.receiptsReady();
    return askedAt;
  }

  /** The chain answered with an error frame. */
  refused(error: Pick<ErrorFrame, 'requestId' | 'code' | 'message'>): void {
    this.closings.refused(error);
    if (error.code !== 'unknown_action' || !this.#asked.has(String(error.requestId))) return;
    this.#isPlain = true;
    this.#options.receipts().restart();
  }

  #due(): void {
    const { book, clock, sales } = this.#options;
    if (sales().flush(this.pace.wholeBefore)) return;
    this.sendReceipts();
    const isSilent = clock.now() >= this.#bookAt + SILENT_BOOK_MS;
    if (isSilent && !this.#isPlain && book() !== undefined) this.#send(this.#nextName(), {});
  }

  /** Not with each frame: it takes a till of 50,000 prices some milliseconds. */
  #book(): { book?: string } {
    const now = this.#options.clock.now();
    if (now < this.#bookAt + BOOK_EVERY_MS) return {};
    const book = this.#options.book();
    if (book === undefined) return {};
    this.#bookAt = now;
    return { book };
  }

  #ask(closing: TillClosing): string {
    const name = this.#nextName();
    this.#send(name, { closing });
    return name;
  }

  #send(requestId: string, content: Content): boolean {
    const { positions, receipts, send } = this.#options;
    const bare = { action: 'report', requestId, ...content } as const;
    const whole = { ...bare, positions: positions(), ...(this.#isPlain ? {} : this.#book()) };
    // A sale may fill a frame alone.
    const own = bytesOf(whole) > MAX_FRAME_BYTES ? bare : whole;
    const taken = receipts().take(MAX_FRAME_BYTES - bytesOf(own));
    const frames = this.#isPlain ? partsOf(whole, taken) : [{ ...own, ...taken }];
    const isSent = frames.every(frame => send(frame));
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

/** Only a report closes a day: an older chain says that it doesn't know it. */
function partsOf(
  report: Content & { action: 'report'; requestId: string; positions: Positions },
  receipts: TakenReceipts,
): StoreFrameInput[] {
  const { requestId, positions, sales, closing } = report;
  if (closing !== undefined) return [{ ...report, ...receipts }];
  const hasReceipts = receipts.updates.length + receipts.rejected.length > 0;
  return [
    ...(sales !== undefined ? [{ action: 'sales', requestId, sales } as const] : []),
    ...(hasReceipts ? [{ action: 'applied', requestId, ...receipts, positions } as const] : []),
  ];
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
