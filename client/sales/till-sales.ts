/** The client's side of the sales: the outbox and what empties it, put together. */
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Settings } from '../options.ts';
import type { ServerClock } from '../time/server-clock.ts';
import { Outbox, type OutboxCounts } from './outbox.ts';
import { SalesSender } from './sales-sender.ts';

export interface TillOptions {
  settings: Settings;
  backoff: Backoff;
  serverClock: ServerClock;
  send: (frame: StoreFrameInput) => boolean;
  /** A frame got no answer in time, and was repeated. */
  unanswered: () => void;
  changed: (counts: OutboxCounts) => void;
  failed: (error: Error) => void;
}

export class Till {
  readonly outbox: Outbox;
  readonly sender: SalesSender;
  readonly #failed: (error: Error) => void;

  constructor({ settings, backoff, serverClock, send, unanswered, changed, failed }: TillOptions) {
    this.#failed = failed;
    this.outbox = new Outbox({
      storage: settings.outbox,
      clock: settings.clock,
      serverClock,
      stored: () => this.sender.wake(),
      changed,
      failed,
    });
    this.sender = new SalesSender({ ...settings, backoff, outbox: this.outbox, send, unanswered });
  }

  /** An outbox that can't be read stops no prices; each sale tries again to read it, and throws. */
  async load(): Promise<void> {
    try {
      await this.outbox.load();
    } catch (error) {
      this.#failed(new Error('the outbox could not be loaded', { cause: error }));
    }
  }
}
