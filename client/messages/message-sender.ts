/** Brings the messages of the outbox to the chain: one at a time, in their order, each again until it is answered. */
import type { ErrorFrame, MessageAcceptedFrame } from '../../domain/protocol/chain-frames.ts';
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { Backoff } from '../line/backoff.ts';
import type { OutgoingMessage } from '../sales/outbox-storage.ts';
import type { Clock } from '../time/clock.ts';
import type { MessageOutbox } from './message-outbox.ts';

export interface MessageSenderOptions {
  clock: Clock;
  backoff: Backoff;
  answerTimeoutMs: number;
  outbox: MessageOutbox;
  send: (frame: StoreFrameInput) => boolean;
  /** The chain has it. */
  accepted: (message: OutgoingMessage) => void;
  /** The chain will never take it as it is. */
  refused: (message: OutgoingMessage, why: Pick<ErrorFrame, 'code' | 'message'>) => void;
  /** A frame got no answer in time, and is repeated. */
  unanswered: () => void;
}

export class MessageSender {
  readonly #options: MessageSenderOptions;
  #isRunning = false;
  #sent = 0;
  #inFlight: { requestId: string; message: OutgoingMessage } | undefined;
  #cancelTimer: () => void = () => {};

  constructor(options: MessageSenderOptions) {
    this.#options = options;
  }

  /** A new line: what was sent on another one may be lost. */
  restart(): void {
    this.#isRunning = true;
    this.#options.backoff.reset();
    this.#next();
  }

  stop(): void {
    this.#isRunning = false;
    this.#inFlight = undefined;
    this.#cancelTimer();
  }

  /** There is a message more. */
  wake(): void {
    if (this.#inFlight === undefined) this.#next();
  }

  accepted({ messageId }: Pick<MessageAcceptedFrame, 'messageId'>): void {
    const { accepted, backoff } = this.#options;
    const message = this.#inFlight?.message;
    // An answer of a frame that was repeated comes twice.
    if (message?.messageId !== messageId) return;
    backoff.reset();
    this.#settle(message);
    accepted(message);
  }

  /** The chain answered with an error frame. */
  refused({ requestId, code, message: why }: Pick<ErrorFrame, 'requestId' | 'code' | 'message'>): void {
    if (this.#inFlight === undefined || this.#inFlight.requestId !== requestId) return;
    const { message } = this.#inFlight;
    if (code === 'invalid_frame') {
      this.#settle(message);
      this.#options.refused(message, { code, message: why });
    } else if (code === 'unknown_action') {
      // The chain on this line is older than messages. They wait for a newer one.
      this.stop();
    } else {
      this.#repeatLater();
    }
  }

  /** Some frame was lost at the gateway: perhaps this one. */
  disturbed(): void {
    if (this.#inFlight !== undefined) this.#repeatLater();
  }

  #settle({ messageId }: OutgoingMessage): void {
    this.#options.outbox.settle(messageId);
    this.#next();
  }

  #next(): void {
    this.#cancelTimer();
    this.#inFlight = undefined;
    const { answerTimeoutMs, clock, outbox, send, unanswered } = this.#options;
    const message = outbox.first;
    if (!this.#isRunning || message === undefined) return;
    this.#sent += 1;
    const requestId = `message-${this.#sent}`;
    this.#inFlight = { requestId, message };
    this.#cancelTimer = clock.after(answerTimeoutMs + this.#options.backoff.next(), () => {
      this.#next();
      unanswered();
    });
    send({ action: 'message', requestId, ...message });
  }

  #repeatLater(): void {
    const { backoff, clock } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(backoff.next(), () => this.#next());
  }
}
