/** Where pacers draw their turns from. Several that draw from one bucket keep the rate of one. */

/** The source of turns: a bucket that several pacers may share. */
export interface TurnBucket {
  /**
   * Reserves the next turns. They are due one after the other; a pacer that has saved up turns may take them earlier.
   *
   * @param from no turn is due before; milliseconds, as all times here
   * @returns when the first is due (the generic cell rate algorithm's theoretical arrival time)
   */
  reserve(turns: number, intervalMs: number, from: number): Promise<number>;
}

/** The bucket of a single pacer. */
export class OwnTurnBucket implements TurnBucket {
  #dueAt = 0;

  async reserve(turns: number, intervalMs: number, from: number): Promise<number> {
    const first = Math.max(this.#dueAt, from);
    this.#dueAt = first + turns * intervalMs;
    return first;
  }
}
