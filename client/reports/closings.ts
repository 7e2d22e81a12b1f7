/**
 * A till's day is over: the chain is asked what it counts of it, again until it answers, also on the next line. To ask
 * twice changes nothing.
 */
import type { ErrorFrame } from '../../domain/protocol/chain-frames.ts';
import type { ClosingCount, TillClosing } from '../../domain/sales/gaps.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';

export interface ClosingsOptions {
  clock: Clock;
  /** One for each question. */
  backoff: () => Backoff;
  answerTimeoutMs: number;
  /** @returns the name of the frame */
  ask: (closing: TillClosing) => string;
  /** A question got no answer in time, and was repeated. */
  unanswered: () => void;
}

interface Question {
  closing: TillClosing;
  backoff: Backoff;
  /** Of the frames that asked it. */
  names: Set<string>;
  cancelRepeat: () => void;
  cancelDeadline: () => void;
  resolve: (count: ClosingCount) => void;
  reject: (error: Error) => void;
}

/** Refusals that stay: to ask again is no use. */
const FINAL = new Set<ErrorFrame['code']>(['invalid_frame', 'unknown_action', 'forbidden']);

export class Closings {
  readonly #options: ClosingsOptions;
  readonly #questions = new Set<Question>();
  #isRunning = false;

  constructor(options: ClosingsOptions) {
    this.#options = options;
  }

  /** @throws Error if the chain refuses to count, or hasn't answered in this time */
  ask(closing: TillClosing, withinMs: number): Promise<ClosingCount> {
    const { backoff, clock } = this.#options;
    return new Promise((resolve, reject) => {
      const late = () =>
        this.#fail(question, `the chain has not said what it counts of till ${closing.till}`);
      const question: Question = {
        closing,
        backoff: backoff(),
        names: new Set(),
        cancelRepeat: () => {},
        cancelDeadline: clock.after(withinMs, late),
        resolve,
        reject,
      };
      this.#questions.add(question);
      if (this.#isRunning) this.#send(question);
    });
  }

  /** A new line: what was asked on another one may be lost. */
  restart(): void {
    this.#isRunning = true;
    for (const question of this.#questions) this.#send(question);
  }

  stop(): void {
    this.#isRunning = false;
    for (const question of this.#questions) question.cancelRepeat();
  }

  /** The client is closed. */
  close(): void {
    for (const question of this.#questions) this.#fail(question, 'the client is closed');
  }

  /** @param name of the frame that asked */
  answered(name: string, count: ClosingCount): void {
    const question = this.#asked(name);
    if (question === undefined) return;
    this.#end(question);
    question.resolve(count);
  }

  /** The chain answered with an error frame. */
  refused({ requestId, code, message }: Pick<ErrorFrame, 'requestId' | 'code' | 'message'>): void {
    const question = this.#asked(String(requestId));
    if (question === undefined) return;
    if (FINAL.has(code))
      this.#fail(question, `the chain does not count till ${question.closing.till}: ${message}`);
    else this.#repeatAfter(question, question.backoff.next());
  }

  #asked(name: string): Question | undefined {
    return [...this.#questions].find(({ names }) => names.has(name));
  }

  #send(question: Question): void {
    const { answerTimeoutMs, ask } = this.#options;
    question.names.add(ask(question.closing));
    this.#repeatAfter(question, answerTimeoutMs + question.backoff.next(), this.#options.unanswered);
  }

  #repeatAfter(question: Question, ms: number, repeated: () => void = () => {}): void {
    question.cancelRepeat();
    question.cancelRepeat = this.#options.clock.after(ms, () => {
      this.#send(question);
      repeated();
    });
  }

  #fail(question: Question, problem: string): void {
    this.#end(question);
    question.reject(new Error(problem));
  }

  #end(question: Question): void {
    question.cancelRepeat();
    question.cancelDeadline();
    this.#questions.delete(question);
  }
}
