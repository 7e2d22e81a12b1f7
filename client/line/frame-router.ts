/** Takes each frame of the chain to the part whose business it is, updates in the order of their arrival. */
import { type ChainFrame, FrameError, parseChainFrame } from '../../domain/protocol/store-frames.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { ChainError } from '../client-events.ts';
import type { SalesSender } from '../sales/sales-sender.ts';
import type { SerialQueue } from '../serial-queue.ts';
import type { ServerClock } from '../time/server-clock.ts';
import type { CatchUp } from '../updates/catch-up.ts';
import type { Intake } from '../updates/intake.ts';
import type { StorePositions } from '../updates/positions.ts';
import type { Receipts } from '../updates/receipt-sender.ts';
import type { Heartbeat } from './heartbeat.ts';

export interface FrameRouterOptions {
  serverClock: ServerClock;
  heartbeat: Heartbeat;
  positions: StorePositions;
  queue: SerialQueue;
  intake: Intake;
  catchUp: CatchUp;
  receipts: Receipts;
  sales: SalesSender;
  /** There is something to save. */
  changed: () => void;
  /** The chain's time was measured. */
  timeKnown: (isFirst: boolean) => void;
  closing: (reason: string) => void;
  failed: (error: unknown) => void;
}

type PongFrame = Extract<ChainFrame, { type: 'pong' }>;

export class FrameRouter {
  readonly #options: FrameRouterOptions;
  /** Updates that came before the chain's time was known: whether they are over can't be told yet. */
  #early: UpdateFrame[] = [];

  constructor(options: FrameRouterOptions) {
    this.#options = options;
  }

  receive(text: string): void {
    try {
      const frame = parseChainFrame(text);
      if (frame === undefined) this.#unknown(text);
      else this.#dispatch(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#options.failed(error);
    }
  }

  /** The line is lost: the sync on the next one brings what was kept waiting. */
  forgetEarly(): void {
    this.#early = [];
  }

  /** The gateway's own error frame, or something from the future: somebody is there, at least. */
  #unknown(text: string): void {
    const { heartbeat, sales } = this.#options;
    heartbeat.answered();
    // It doesn't say which frame was lost: if it wasn't the sales, they go twice and count once.
    if (isGatewayError(text)) sales.disturbed();
  }

  #dispatch(frame: ChainFrame): void {
    const { heartbeat, catchUp, receipts, sales, changed, closing, failed } = this.#options;
    switch (frame.type) {
      case 'update':
        this.#arrive(frame);
        break;
      case 'synced':
        this.#measure(catchUp.receive(frame), frame.serverTime);
        break;
      case 'pong':
        this.#pong(frame);
        break;
      case 'applied.accepted':
        if (receipts.accepted(frame.ids)) changed();
        break;
      case 'sales.accepted':
        sales.accepted(frame);
        break;
      case 'closing':
        closing(frame.reason);
        break;
      case 'error':
        heartbeat.answered();
        catchUp.refused(frame.requestId);
        sales.refused(frame);
        failed(new ChainError(frame));
    }
  }

  #arrive(update: UpdateFrame): void {
    const { serverClock, queue, intake, catchUp } = this.#options;
    if (!serverClock.isMeasured) {
      this.#early.push(update);
      return;
    }
    queue.run(async () => {
      await intake.take(update);
      catchUp.checkGap();
    });
  }

  #pong({ requestId, positions: newest, serverTime }: PongFrame): void {
    const { heartbeat, queue, positions, catchUp } = this.#options;
    this.#measure(heartbeat.askedAt(requestId), serverTime);
    heartbeat.answered();
    queue.run(() => {
      if (positions.differFrom(newest)) return catchUp.begin();
      positions.hear(newest);
      catchUp.checkGap();
    });
  }

  #measure(askedAt: number | undefined, serverTime: string): void {
    if (askedAt === undefined) return;
    const { serverClock, timeKnown } = this.#options;
    const isFirst = !serverClock.isMeasured;
    serverClock.measure(askedAt, serverTime);
    timeKnown(isFirst);
    for (const update of this.#early.splice(0)) this.#arrive(update);
  }
}

/** `{"message","connectionId","requestId"}`, where `requestId` is the gateway's own. */
function isGatewayError(text: string): boolean {
  const { type, connectionId } = JSON.parse(text) as { type?: unknown; connectionId?: unknown };
  return type === undefined && typeof connectionId === 'string';
}
