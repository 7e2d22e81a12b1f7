/**
 * Lets a worker thread's `Date` follow the local cloud's clock: a handler that checks an offer's validity must see
 * the time that the test has jumped to. Timers and `performance` stay real, since the handler's work is.
 */

/** Replaces the global `Date` by one that is `offset[0]` milliseconds ahead; the offset may change at any time. */
export function shiftDate(offset: Float64Array): void {
  const RealDate = globalThis.Date;
  const realNow = RealDate.now;
  const now = (): number => realNow() + (offset[0] ?? 0);

  // A proxy and not a subclass: `instanceof`, `class extends Date` and Date.prototype remain the real ones.
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  RealDate.now = now;
  Object.defineProperty(RealDate.prototype, 'constructor', { value: ShiftedDate });
  globalThis.Date = ShiftedDate;
}
