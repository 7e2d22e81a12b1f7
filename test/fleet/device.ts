/**
 * What a till's software runs on: an even clock and timers that stand still while it sleeps, and a calendar that goes on
 * and is wrong, by more after each start.
 */
import type { Clock } from '../../client/time/clock.ts';
import type { AdjustableClock } from '../../local/cloud-clock.ts';

interface Timer {
  task: () => void;
  leftMs: number;
  startedAt: number;
  cancel: () => void;
}

export class Device {
  readonly #clock: AdjustableClock;
  /** Milliseconds that both of its clocks were ahead of the cloud's when it was started. */
  readonly #aheadMs: number;
  readonly #timers = new Set<Timer>();
  #on = true;
  #sleptMs = 0;
  #asleepSince: number | undefined;

  constructor(clock: AdjustableClock, aheadMs: number) {
    this.#clock = clock;
    this.#aheadMs = aheadMs;
  }

  get isOn(): boolean {
    return this.#on;
  }

  get isAsleep(): boolean {
    return this.#asleepSince !== undefined;
  }

  /** As its software sees it. */
  readonly clock: Clock = {
    now: () => (this.#asleepSince ?? this.#clock.now()) + this.#aheadMs - this.#sleptMs,
    wall: () => this.#clock.now() + this.#aheadMs,
    after: (delayMs, task) => {
      const timer: Timer = { task, leftMs: delayMs, startedAt: 0, cancel: () => {} };
      this.#timers.add(timer);
      if (!this.isAsleep) this.#arm(timer);
      return () => {
        timer.cancel();
        this.#timers.delete(timer);
      };
    },
  };

  sleep(): void {
    if (this.isAsleep) return;
    const now = this.#clock.now();
    this.#asleepSince = now;
    for (const timer of this.#timers) {
      timer.cancel();
      timer.leftMs -= now - timer.startedAt;
    }
  }

  wake(): void {
    if (this.#asleepSince === undefined) return;
    this.#sleptMs += this.#clock.now() - this.#asleepSince;
    this.#asleepSince = undefined;
    for (const timer of this.#timers) this.#arm(timer);
  }

  /** The power goes: no timer fires any more. */
  switchOff(): void {
    this.#on = false;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #arm(timer: Timer): void {
    timer.startedAt = this.#clock.now();
    timer.cancel = this.#clock.after(timer.leftMs, () => {
      this.#timers.delete(timer);
      timer.task();
    });
  }
}
