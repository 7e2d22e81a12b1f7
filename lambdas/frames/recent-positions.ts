/**
 * The newest positions of channels, kept for some seconds: a thousand stores report each minute, and ask about the same
 * few. What is missed meanwhile is found by the next report.
 */
import type { Positions } from '../../domain/updates/update.ts';
import type { UpdateLog } from '../updates/update-log.ts';

const KEPT_MS = 5_000;
const MOST_KEPT = 10_000;

export class RecentPositions {
  readonly #log: Pick<UpdateLog, 'newest'>;
  readonly #kept = new Map<string, { readAt: number; position: number }>();

  constructor(log: Pick<UpdateLog, 'newest'>) {
    this.#log = log;
  }

  async of(channels: readonly string[], now: number): Promise<Positions> {
    const wanted = channels.filter(channel => (this.#kept.get(channel)?.readAt ?? 0) <= now - KEPT_MS);
    if (this.#kept.size > MOST_KEPT) this.#kept.clear();
    const read = wanted.length === 0 ? {} : await this.#log.newest(wanted, { isEventual: true });
    for (const [channel, position] of Object.entries(read))
      this.#kept.set(channel, { readAt: now, position });
    return Object.fromEntries(channels.map(channel => [channel, this.#kept.get(channel)?.position ?? 0]));
  }
}
