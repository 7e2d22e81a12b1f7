/**
 * Gets what the store has missed: on every new line, and whenever a gap shows. The conversation runs page by page,
 * one question at a time, repeated until it is answered.
 */
import type { StoreFrameInput, SyncedFrame } from '../../domain/protocol/store-frames.ts';
import type { Positions, UpdateFrame } from '../../domain/updates/update.ts';
import type { Backoff } from '../line/backoff.ts';
import type { SerialQueue } from '../serial-queue.ts';
import type { Clock } from '../time/clock.ts';
import type { StorePositions } from './positions.ts';

/**
 * Why everything that was applied so far must be forgotten: the store has moved to other channels, or was away for
 * longer than the chain's log reaches back. What is in force now follows, update by update.
 */
export type ResetReason = 'moved' | 'not-recovered';

export interface CatchUpOptions {
  clock: Clock;
  random: () => number;
  backoff: Backoff;
  answerTimeoutMs: number;
  queue: SerialQueue;
  positions: StorePositions;
  send: (frame: StoreFrameInput) => boolean;
  take: (update: UpdateFrame) => Promise<void>;
  /** Empties the book and tells the application to forget. */
  reset: (reason: ResetReason) => Promise<void>;
  /** There is something to save. */
  changed: () => void;
  /** A question got no answer in time, and was repeated. */
  unanswered: () => void;
  synced: (answer: SyncedFrame) => void;
}

interface Question {
  /** When it was sent, by request id: each repeat has one of its own, or its answer would tell a wrong round trip. */
  sentAt: Map<string, number>;
  asked: Positions;
  /** Asks for the next page. */
  continues: boolean;
  cancelRepeat: () => void;
}

/** A broadcast may overtake another: only then is a gap one, and a fleet that missed the same asks spread out. */
const GAP_DELAY_MS = { least: 1_000, most: 5_000 };
/** A gap that syncs don't close is asked for ever more rarely. */
const MAX_GAP_DOUBLINGS = 6;

export class CatchUp {
  readonly #options: CatchUpOptions;
  /** Half of the current state is held: from the start again if the line breaks now. It is saved. */
  recovering = false;
  #question: Question | undefined;
  #sent = 0;
  /** Changes with every conversation, so that a late step of the one before ends there. */
  #conversation = 0;
  #active = false;
  #fruitless = 0;
  #cancelGapTimer: (() => void) | undefined;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Begins a conversation, in place of one that may be under way. */
  begin(): void {
    this.stop();
    this.#active = true;
    this.#inConversation(() => this.#askAfresh());
  }

  /** The line is lost: nobody will answer. */
  stop(): void {
    this.#conversation += 1;
    this.#active = false;
    this.#question?.cancelRepeat();
    this.#question = undefined;
    this.#cancelGapTimer?.();
    this.#cancelGapTimer = undefined;
  }

  /** Takes an answer. Returns when it was asked for, or undefined if it wasn't. */
  receive(answer: SyncedFrame): number | undefined {
    const question = this.#question;
    const sentAt = question?.sentAt.get(String(answer.requestId));
    if (question === undefined || sentAt === undefined) return undefined;
    question.cancelRepeat();
    this.#question = undefined;
    this.#options.backoff.reset();
    const conversation = this.#conversation;
    // Its content counts even when its line is gone by then; only the next step doesn't.
    this.#options.queue.run(async () => {
      const next = await this.#take(answer, question);
      if (conversation === this.#conversation) next();
    });
    return sentAt;
  }

  /** The chain answered with an error frame. */
  refused(requestId: string | number | undefined): void {
    const question = this.#question;
    if (question === undefined || !question.sentAt.has(String(requestId))) return;
    question.cancelRepeat();
    const { clock, backoff } = this.#options;
    question.cancelRepeat = clock.after(backoff.next(), () => this.#send(question));
  }

  /** After anything that may show, or close, a gap. */
  checkGap(): void {
    const { positions, clock, random } = this.#options;
    if (!positions.hasGap) {
      this.#fruitless = 0;
      this.#cancelGapTimer?.();
      this.#cancelGapTimer = undefined;
    } else if (!this.#active && this.#cancelGapTimer === undefined) {
      const { least, most } = GAP_DELAY_MS;
      const delay = (least + random() * (most - least)) * 2 ** Math.min(this.#fruitless, MAX_GAP_DOUBLINGS);
      this.#cancelGapTimer = clock.after(delay, () => {
        this.#cancelGapTimer = undefined;
        this.#inConversation(() => this.#closeGap());
      });
    }
  }

  #closeGap(): void {
    if (this.#active || !this.#options.positions.hasGap) return;
    this.#active = true;
    this.#fruitless += 1;
    this.#askAfresh();
  }

  #inConversation(step: () => void): void {
    const conversation = this.#conversation;
    this.#options.queue.run(() => {
      if (conversation === this.#conversation) step();
    });
  }

  #askAfresh(): void {
    if (this.recovering) this.#options.positions.clear();
    this.#options.positions.beginSync();
    this.#ask(false);
  }

  #ask(continues: boolean): void {
    const question = {
      sentAt: new Map(),
      asked: this.#options.positions.runs,
      continues,
      cancelRepeat: () => {},
    };
    this.#question = question;
    this.#send(question);
  }

  #send(question: Question): void {
    const { clock, backoff, answerTimeoutMs, send, unanswered } = this.#options;
    question.cancelRepeat = clock.after(answerTimeoutMs + backoff.next(), () => {
      this.#send(question);
      unanswered();
    });
    this.#sent += 1;
    const requestId = `sync-${this.#sent}`;
    question.sentAt.set(requestId, clock.now());
    send({ action: 'sync', requestId, positions: question.asked });
  }

  /** Takes a page; answers what comes next. */
  async #take(answer: SyncedFrame, question: Question): Promise<() => void> {
    const { positions, take, changed } = this.#options;
    if (positions.differFrom(answer.positions)) {
      // The page follows from the positions in the old channels: worthless.
      await this.#reset('moved', false);
      return () => this.#askAfresh();
    }
    // Half of a state that an earlier conversation left is worth nothing, whatever the answer is now.
    const startsAnew = question.continues
      ? !answer.recovered && !this.recovering
      : !answer.recovered || this.recovering;
    if (startsAnew) await this.#reset('not-recovered', !answer.recovered);
    for (const update of answer.updates) await take(update);
    positions.settle(answer.positions, startsAnew ? {} : question.asked);
    if (!answer.more) this.recovering = false;
    changed();
    return answer.more ? () => this.#ask(true) : () => this.#finish(answer);
  }

  #finish(answer: SyncedFrame): void {
    this.#active = false;
    this.#options.synced(answer);
    this.checkGap();
  }

  /** The application forgets first: after a crash in between it is told again. */
  async #reset(reason: ResetReason, recovering: boolean): Promise<void> {
    await this.#options.reset(reason);
    this.recovering = recovering;
    this.#options.positions.clear();
    this.#options.changed();
  }
}
