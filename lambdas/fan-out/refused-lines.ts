/**
 * Tells a line that takes nothing from the account's throttle. API Gateway answers 429 for both: the throttle refuses
 * whichever lines come next, a till that hangs is refused again and again while others are served.
 */

/** Lines that are remembered at most; the oldest are forgotten first. */
const MOST_REMEMBERED = 1_000;

export class RefusedLines {
  /** Posts that were taken less those that were refused, of any line. */
  #balance = 0;
  /** By connection id, the balance after its last refusal. */
  readonly #balanceAt = new Map<string, number>();

  served(connectionId: string): void {
    this.#balance += 1;
    if (this.#balanceAt.size > 0) this.#balanceAt.delete(connectionId);
  }

  /** @returns whether the refusal is the line's own: it was refused before, and most others were served since */
  isOwnTrouble(connectionId: string): boolean {
    const before = this.#balanceAt.get(connectionId);
    const isOwn = before !== undefined && this.#balance > before;
    this.#balance -= 1;
    this.#balanceAt.delete(connectionId);
    this.#balanceAt.set(connectionId, this.#balance);
    if (this.#balanceAt.size > MOST_REMEMBERED) this.#forgetOldest();
    return isOwn;
  }

  #forgetOldest(): void {
    const [oldest] = this.#balanceAt.keys();
    if (oldest !== undefined) this.#balanceAt.delete(oldest);
  }
}
