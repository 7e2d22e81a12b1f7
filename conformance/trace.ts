/** What happens in a scenario: told as it happens to whoever wants all of it, and kept as far as a failure is explained by it. */

/** One thing that happened; `line` counts the till's lines from 1. */
export type Traced =
  | { step: string }
  /** What the till sent on a line, and what it was sent: JSON, or its text where it is none. */
  | { line: number; till: unknown }
  | { line: number; chain: unknown }
  /** Lines of its standard streams. */
  | { in: unknown }
  | { out: string }
  | { stderr: string };

/** `seconds` are since the scenario began. */
export type TraceEntry = { seconds: number } & Traced;

/** Of the steps that a failure shows. */
const LAST_STEPS = 8;

export class Trace {
  readonly #startedAt = performance.now();
  readonly #tell: (entry: TraceEntry) => void;
  readonly #steps: { seconds: number; text: string }[] = [];
  readonly #open = new Set<number>();
  /** Of the till, since the last step. */
  #frames = 0;

  constructor(tell: (entry: TraceEntry) => void = () => {}) {
    this.#tell = tell;
  }

  note(entry: Traced): void {
    this.#tell({ seconds: this.#seconds, ...entry });
    if ('till' in entry) this.#frames += 1;
  }

  /** Something that shows how far the till has come. */
  step(text: string): void {
    this.#steps.push({ seconds: this.#seconds, text });
    if (this.#steps.length > LAST_STEPS) this.#steps.shift();
    this.#frames = 0;
    this.note({ step: text });
  }

  opened(line: number): void {
    this.#open.add(line);
    this.step(`line ${line} opened`);
  }

  ended(line: number): void {
    this.#open.delete(line);
  }

  /** How far the till has come, in a sentence without its full stop. */
  get course(): string {
    const steps = this.#steps.map(({ seconds, text }) => `${text} at ${seconds.toFixed(1)} s`);
    const since = (this.#seconds - (this.#steps.at(-1)?.seconds ?? 0)).toFixed(1);
    const frames = `${this.#frames} ${this.#frames === 1 ? 'frame' : 'frames'} from the till`;
    const heard = this.#open.size === 0 ? 'no handshake' : frames;
    return `${steps.join(', ')}; ${heard} in the ${since} s since`;
  }

  get #seconds(): number {
    return Math.round(performance.now() - this.#startedAt) / 1_000;
  }
}

/** A frame as it is told. */
export function readable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
