/**
 * Gets what the store has missed: on every new line, and whenever a gap shows. The conversation runs page by page,
 * one question at a time, repeated until it is answered. Where the chain answers with all that is in force, or the
 * store has moved, the pages make a new whole, which takes effect when it is complete; if the line breaks before that,
 * the next one asks from where the store stands still.
 */
import type { ErrorFrame, SyncedFrame } from '../../domain/protocol/chain-frames.ts';
import { type StoreFrameInput, SYNCED_BYTES } from '../../domain/protocol/store-frames.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';
import type { RebuildReason } from './application.ts';
import type { Intake } from './intake.ts';
import type { StorePositions } from './positions.ts';
import type { Rebuild } from './rebuild.ts';
import type { SerialQueue } from './serial-queue.ts';

export interface CatchUpOptions {
  clock: Clock;
  random: () => number;
  backoff: Backoff;
  answerTimeoutMs: number;
  queue: SerialQueue;
  positions: StorePositions;
  intake: Intake;
  send: (frame: StoreFrameInput) => boolean;
  /** There is something to save. */
  changed: () => void;
  /** A question got no answer in time, and was repeated. */
  unanswered: () => void;
  synced: (answer: SyncedFrame) => void;
  failed: (error: unknown) => void;
}

/** Past these positions, or the next page of the current state. */
type Place = { positions: Positions } | { cursor: string };

interface Question {
  /** When it was sent, by request id: each repeat has one of its own, or its answer would tell a wrong round trip. */
  sentAt: Map<string, number>;
  place: Place;
  cancelRepeat: () => void;
}

/** A broadcast may overtake another: only then is a gap one, and a fleet that missed the same asks spread out. */
const GAP_DELAY_MS = { least: 1_000, most: 5_000 };
/** A gap that syncs don't close is asked for ever more rarely. */
const MAX_GAP_DOUBLINGS = 6;

export class CatchUp {
  readonly #options: CatchUpOptions;
  #question: Question | undefined;
  /** A question was left without its answer, which may be too large to get through: the next one asks for none of that size. */
  #isCautious = false;
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

  /** Begins a conversation that makes a new whole of all that is in force, unless another one is under way. */
  rebuild(): void {
    if (this.#active) return;
    this.#active = true;
    const conversation = this.#conversation;
    this.#options.queue.run(async () => {
      if (conversation !== this.#conversation) return;
      const hasBegun = await this.#begins('adrift', [], () => conversation !== this.#conversation);
      if (conversation !== this.#conversation) this.#options.intake.abandon();
      else if (hasBegun) this.#ask({ positions: {} });
      else this.#giveUp('no new whole was begun');
    });
  }

  /** A conversation is under way: what a pong tells may be what it is about. */
  get isActive(): boolean {
    return this.#active;
  }

  /** The line is lost: nobody will answer. */
  stop(): void {
    this.#conversation += 1;
    this.#active = false;
    this.#options.intake.abandon();
    if (this.#question !== undefined) this.#isCautious = true;
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
    this.#isCautious = false;
    this.#options.backoff.reset();
    const conversation = this.#conversation;
    const isOver = () => conversation !== this.#conversation;
    this.#options.queue.run(async () => {
      const next = await this.#take(answer, question, isOver);
      // A new whole may have begun while its line was lost.
      if (isOver()) this.#options.intake.abandon();
      else next();
    });
    return sentAt;
  }

  /** The chain answered with an error frame. */
  refused({ requestId, code }: Pick<ErrorFrame, 'requestId' | 'code'>): void {
    const question = this.#question;
    if (question === undefined || !question.sentAt.has(String(requestId))) return;
    question.cancelRepeat();
    const { clock, backoff } = this.#options;
    // A cursor that the chain no longer takes: from where the store stands.
    const isStale = code === 'invalid_frame' && 'cursor' in question.place;
    question.cancelRepeat = clock.after(backoff.next(), () =>
      isStale ? this.begin() : this.#send(question),
    );
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
    this.#options.positions.beginSync();
    this.#ask({ positions: this.#options.positions.runs });
  }

  #ask(place: Place): void {
    if (this.#options.intake.rebuild === undefined) this.#options.intake.asked();
    const question = { sentAt: new Map(), place, cancelRepeat: () => {} };
    this.#question = question;
    this.#send(question);
  }

  #send(question: Question): void {
    const { clock, backoff, answerTimeoutMs, send, unanswered } = this.#options;
    question.cancelRepeat = clock.after(answerTimeoutMs + backoff.next(), () => {
      this.#isCautious = true;
      this.#send(question);
      unanswered();
    });
    this.#sent += 1;
    const requestId = `sync-${this.#sent}`;
    question.sentAt.set(requestId, clock.now());
    const size = this.#isCautious ? {} : { maxBytes: SYNCED_BYTES.most };
    send({ action: 'sync', requestId, ...question.place, ...size });
  }

  /** Takes a page; answers what comes next. */
  async #take(answer: SyncedFrame, { place }: Question, isOver: () => boolean): Promise<() => void> {
    const { positions, intake } = this.#options;
    const startsState = !answer.recovered && (answer.first === true || !intake.rebuild?.isState);
    if (intake.rebuild === undefined && !startsState) {
      if (answer.positions === undefined) return () => this.#giveUp('the chain answered without positions');
      if (!positions.differFrom(answer.positions)) return this.#takeMissed(answer, answer.positions, place);
      // The page follows from the positions in the old channels: worthless.
      return (await this.#begins('moved', Object.keys(answer.positions), isOver))
        ? () => this.#ask({ positions: {} })
        : () => this.#giveUp('no new whole was begun');
    }
    if (startsState && intake.rebuild?.isEmpty) intake.rebuild.restart();
    else if (startsState && !(await this.#begins('not-recovered', [], isOver)))
      return () => this.#giveUp('no new whole was begun');
    const { rebuild } = intake;
    if (startsState && rebuild !== undefined) rebuild.isState = true;
    return rebuild === undefined || isOver() ? () => {} : this.#takeNew(rebuild, answer, place, isOver);
  }

  /** Its content counts even when its line is gone by then; only the next step doesn't. */
  async #takeMissed(answer: SyncedFrame, settled: Positions, place: Place): Promise<() => void> {
    const { positions, intake, changed } = this.#options;
    const wasNamed = positions.isNamed;
    for (const update of answer.updates) await intake.take(update);
    positions.settle(settled, askedOf(place));
    if (!wasNamed) intake.keepOwn();
    changed();
    return answer.more ? () => this.#ask({ positions: positions.runs }) : () => this.#finish(answer);
  }

  async #takeNew(
    rebuild: Rebuild,
    answer: SyncedFrame,
    place: Place,
    isOver: () => boolean,
  ): Promise<() => void> {
    const { intake } = this.#options;
    await intake.takeNew(rebuild, answer.updates);
    if (answer.positions !== undefined) rebuild.settle(answer.positions, askedOf(place));
    const { cursor } = answer;
    if (answer.more && cursor !== undefined) return () => this.#ask({ cursor });
    if (answer.positions === undefined) return () => this.#giveUp('the chain answered without positions');
    if (answer.more) return () => this.#ask({ positions: rebuild.positions.runs });
    if (isOver()) return () => {};
    return (await intake.commit(rebuild))
      ? () => this.#finish(answer)
      : () => this.#giveUp('the new whole was not committed');
  }

  async #begins(reason: RebuildReason, kept: readonly string[], isOver: () => boolean): Promise<boolean> {
    return !isOver() && this.#options.intake.begin(reason, kept);
  }

  #finish(answer: SyncedFrame): void {
    this.#active = false;
    this.#options.intake.answered();
    this.#options.synced(answer);
    this.checkGap();
  }

  /** What was in force stays so, and the whole conversation is tried again later. */
  #giveUp(reason: string): void {
    const { clock, backoff, failed } = this.#options;
    failed(new Error(`${reason}; the store asks again`));
    this.stop();
    this.#cancelGapTimer = clock.after(backoff.next(), () => this.begin());
  }
}

/** The positions that were asked from; a cursor stands for none. */
function askedOf(place: Place): Positions {
  return 'positions' in place ? place.positions : {};
}
