type Item = Record<string, unknown>;

/** Whether two items, or two of their values, are alike: such a write makes no record, and costs an index nothing. Sets have no order. */
export function isSame(a: unknown, b: unknown, isSet = false): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    const members = isSet ? new Set(b) : undefined;
    return a.every((member, index) => members?.has(member) ?? isSame(member, b[index]));
  }
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every(name => {
    const [memberOfA, memberOfB] = [(a as Item)[name], (b as Item)[name]];
    return Object.hasOwn(b, name) && isSame(memberOfA, memberOfB, /^[NSB]S$/.test(name));
  });
}
