/** Several streams that are ordered alike, read as one. */

/** The values that have the least key, by each key once, in the order of the streams. @param keyOf orders each stream */
export async function* withHeads<T>(
  streams: readonly AsyncGenerator<T>[],
  keyOf: (value: T) => string,
): AsyncGenerator<T[]> {
  const heads = await Promise.all(streams.map(stream => stream.next()));
  for (;;) {
    const keys = heads.flatMap(head => (head.done ? [] : [keyOf(head.value)]));
    if (keys.length === 0) return;
    const least = keys.reduce((a, b) => (b < a ? b : a));
    const found: T[] = [];
    await Promise.all(
      heads.map(async (head, index) => {
        if (head.done || keyOf(head.value) !== least) return;
        found.push(head.value);
        heads[index] = (await streams[index]?.next()) ?? { done: true, value: undefined };
      }),
    );
    yield found;
  }
}
