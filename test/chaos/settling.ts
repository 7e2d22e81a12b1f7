/**
 * The time after the last fault: everything that is still under way arrives. As long as it becomes less, it is not lost
 * but late; what has stopped moving is lost.
 */

export interface Settlement {
  /** Empty once all has come. */
  open: string[];
  /** The open matters were no fewer for a while: nothing brings them any more. */
  hasStopped: boolean;
}

export interface SettlingOptions {
  /** What has not come yet; may be many rounds of questions to the chain. */
  openMatters: () => Promise<string[]>;
  /** Called after each round that leaves something open, with how many rounds ago it last became less. */
  help: (stillRounds: number) => Promise<void>;
  /** Waits no longer than this for all. */
  patienceMs: number;
  /** Matters that were no fewer for so long have stopped moving. */
  stoppedAfterMs: number;
  say: (line: string) => void;
  now?: () => number;
}

const ROUNDS_A_LINE = 20;

export async function settle(options: SettlingOptions): Promise<Settlement> {
  const { help, now = () => performance.now(), openMatters, patienceMs, say, stoppedAfterMs } = options;
  const startedAt = now();
  let fewest = Number.POSITIVE_INFINITY;
  let movedAt = startedAt;
  let movedIn = 0;
  for (let round = 1; ; round += 1) {
    const open = await openMatters();
    if (open.length === 0) return { open, hasStopped: false };
    if (open.length < fewest) [fewest, movedAt, movedIn] = [open.length, now(), round];
    if (now() - movedAt >= stoppedAfterMs) return { open, hasStopped: true };
    if (now() - startedAt >= patienceMs) return { open, hasStopped: false };
    if (round % ROUNDS_A_LINE === 0) say(`still open: ${open.length}, ${open[0]}`);
    await help(round - movedIn);
  }
}
