/** Takes each frame of the chain to the part whose business it is. */
import { type ChainFrame, parseChainFrame } from '../domain/protocol/chain-frames.ts';
import { FrameError } from '../domain/protocol/frame-error.ts';
import { ChainError } from './client-events.ts';
import type { StoreLine } from './line/store-line.ts';
import type { MessageSender } from './messages/message-sender.ts';
import type { Reporter } from './reports/reporter.ts';
import type { SalesSender } from './sales/sales-sender.ts';
import type { ServerClock } from './time/server-clock.ts';
import type { StoreUpdates } from './updates/store-updates.ts';

export interface FrameRouterOptions {
  serverClock: ServerClock;
  line: StoreLine;
  updates: StoreUpdates;
  sales: SalesSender;
  reporter: Reporter;
  messages: MessageSender;
  /** The chain's time was measured. */
  timeKnown: (isFirst: boolean) => void;
  failed: (error: unknown) => void;
}

export class FrameRouter {
  readonly #options: FrameRouterOptions;

  constructor(options: FrameRouterOptions) {
    this.#options = options;
  }

  receive(text: string): void {
    const { failed } = this.#options;
    try {
      const frame = parseChainFrame(text, failed);
      if (frame === undefined) this.#unknown(text);
      else this.#dispatch(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      failed(error);
    }
  }

  /** The gateway's own error frame, or something from the future: somebody is there, at least. */
  #unknown(text: string): void {
    const { line, messages, sales } = this.#options;
    line.answered();
    // It doesn't say which frame was lost: what wasn't goes twice and counts once.
    if (!isGatewayError(text)) return;
    sales.disturbed();
    messages.disturbed();
  }

  #dispatch(frame: ChainFrame): void {
    const { line, messages, updates, sales, reporter, failed } = this.#options;
    switch (frame.type) {
      case 'update':
        updates.arrive(frame);
        break;
      case 'synced':
        updates.located(frame.timeZone);
        this.#measure(updates.synced(frame), frame.serverTime);
        reporter.pace.heard(frame.reportEveryMs);
        break;
      case 'report.accepted':
        updates.accepted(frame.ids);
        this.#measure(reporter.accepted(frame), frame.serverTime);
        line.answered();
        updates.located(frame.timeZone);
        updates.heard(frame.positions);
        if (frame.resync === true) updates.resync();
        break;
      case 'pace':
        reporter.pace.told(frame.reportEveryMs, frame.until);
        break;
      case 'pong':
        this.#measure(line.pingedAt(frame.requestId), frame.serverTime);
        line.answered();
        updates.located(frame.timeZone);
        updates.heard(frame.positions);
        reporter.pace.heard(frame.reportEveryMs);
        break;
      case 'applied.accepted':
        updates.accepted(frame.ids);
        break;
      case 'sales.accepted':
        sales.accepted(frame);
        break;
      case 'message.accepted':
        messages.accepted(frame);
        break;
      case 'closing':
        line.closing(frame.reason, frame.by);
        break;
      case 'error':
        line.answered();
        updates.refused(frame);
        reporter.refused(frame);
        sales.refused(frame);
        messages.refused(frame);
        failed(new ChainError(frame));
        // A line that the chain could not close: every frame on it would be answered so.
        if (frame.code === 'forbidden') line.closing('revoked');
    }
  }

  #measure(askedAt: number | undefined, serverTime: string): void {
    if (askedAt === undefined) return;
    const { serverClock, timeKnown } = this.#options;
    const wasMeasured = serverClock.isMeasured;
    serverClock.measure(askedAt, serverTime);
    timeKnown(!wasMeasured && serverClock.isMeasured);
  }
}

/** `{"message","connectionId","requestId"}`, where `requestId` is the gateway's own. */
function isGatewayError(text: string): boolean {
  const { type, connectionId } = JSON.parse(text) as { type?: unknown; connectionId?: unknown };
  return type === undefined && typeof connectionId === 'string';
}
