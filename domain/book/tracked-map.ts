/** A map that knows which of its entries have changed, so that a till saves those alone. */

/** What there is of each key that changed; nothing where it is gone. */
export type Changed<T> = [key: string, entries: T[]][];

export class TrackedMap<V> extends Map<string, V> {
  /** Undefined until somebody asks: what nobody saves notes nothing. */
  #changed: Set<string> | undefined;

  constructor(entries: Iterable<readonly [string, V]> = []) {
    super();
    for (const [key, value] of entries) super.set(key, value);
  }

  override set(key: string, value: V): this {
    this.#changed?.add(key);
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    this.#changed?.add(key);
    return super.delete(key);
  }

  /** What has changed since this was asked last; undefined the first time, where all has. */
  takeChanges<T>(entriesOf: (value: V) => Iterable<T>): Changed<T> | undefined {
    const changed = this.#changed;
    this.#changed = new Set();
    return (
      changed &&
      [...changed].map(key => {
        const value = this.get(key);
        return [key, value === undefined ? [] : [...entriesOf(value)]];
      })
    );
  }
}

/** What is left of a list after these changes, one after the other. */
export function withChanged<T>(
  entries: readonly T[],
  changes: readonly Changed<T>[],
  keyOf: (entry: T) => string,
): T[] {
  const byKey = new Map<string, T[]>();
  for (const entry of entries) {
    const others = byKey.get(keyOf(entry));
    if (others === undefined) byKey.set(keyOf(entry), [entry]);
    else others.push(entry);
  }
  for (const change of changes) for (const [key, changed] of change) byKey.set(key, changed);
  return [...byKey.values()].flat();
}
