/** What `npm start` says of each broadcast: how many stores it was posted to, and when the last simulated one had it. */

interface Broadcast {
  updateId: string;
  kind: string;
  sent: number;
  gone: number;
  failed: number;
  durationMs: number;
}

/** Of whom the dollars of a month are asked, once there is one: the local cloud is booted after its listener is made. */
type MonthlyDollars = () => number | undefined;

/** Updates whose receipts are still counted; older ones are forgotten. */
const REMEMBERED = 100;

export class Activity {
  readonly #print: (line: string) => void;
  readonly #monthlyDollars: MonthlyDollars;
  /** By update id: when each simulated store applied it. */
  readonly #applied = new Map<string, number[]>();

  constructor(print: (line: string) => void, monthlyDollars: MonthlyDollars = () => undefined) {
    this.#print = print;
    this.#monthlyDollars = monthlyDollars;
  }

  /** A line of a function's log; those of the broadcast are told. */
  logged(line: string): void {
    if (!line.startsWith('{"level":"INFO","message":"broadcast"')) return;
    const { updateId, kind, sent, gone, failed, durationMs } = JSON.parse(line) as Broadcast;
    const applied = this.#applied.get(updateId)?.length ?? 0;
    const dollars = this.#monthlyDollars();
    const parts = [
      `${sent} stores posted in ${durationMs} ms`,
      ...(applied > 0 ? [`${applied} simulated ones have applied it`] : []),
      ...(gone > 0 ? [`${gone} gone`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(dollars === undefined ? [] : [`all at a rate of $${dollars.toFixed(2)} a month`]),
    ];
    this.#print(`${new Date().toTimeString().slice(0, 8)} ${kind} ${updateId} → ${parts.join(', ')}`);
  }

  /** A simulated store has applied an update. */
  applied(updateId: string): void {
    const times = this.#applied.get(updateId) ?? [];
    times.push(Date.now());
    this.#applied.set(updateId, times);
    const oldest = this.#applied.keys().next();
    if (this.#applied.size > REMEMBERED && !oldest.done) this.#applied.delete(oldest.value);
  }
}
