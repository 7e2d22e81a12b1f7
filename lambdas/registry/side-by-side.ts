/**
 * Reads several sources at once, and yields their values in the order of arrival, without waiting for the slowest
 * source.
 */
export async function* sideBySide<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const pending = new Map(sources.map(source => [source, nextOf(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done) {
        pending.delete(source);
      } else {
        pending.set(source, nextOf(source));
        yield result.value;
      }
    }
  } finally {
    // A reader that stops early does not wait for further values, and ignores their failures.
    for (const next of pending.values()) next.catch(() => undefined);
  }
}

async function nextOf<T>(
  source: AsyncGenerator<T>,
): Promise<{ source: AsyncGenerator<T>; result: IteratorResult<T> }> {
  return { source, result: await source.next() };
}
