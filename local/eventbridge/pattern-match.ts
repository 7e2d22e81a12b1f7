/**
 * The matching half of the pattern language: finds the fields that a pattern names in an event and decides
 * whether together they satisfy it. Everything costly was done when the pattern was parsed, and only keys
 * that the pattern names are looked at, whatever else the event holds.
 *
 * Array consistency (README of aws/event-ruler, "JSON Array Matching"): arrays are crushed out of the event's
 * paths, but two fields that lie in different elements of one array never satisfy a pattern together.
 */

/** A leaf of an event; patterns compare leaves only. */
export type Scalar = string | number | boolean | null;

export type Accepts = (value: Scalar) => boolean;

/** What a pattern asks of one field. */
export interface FieldTest {
  accepts: Accepts;
  /** `{"exists": false}` is among the field's values. */
  acceptsAbsence: boolean;
}

/** One way to satisfy a pattern: all of these fields by their dotted paths. Each `$or` multiplies the branches. */
export type Branch = ReadonlyMap<string, FieldTest>;

/** The key paths that lead to the pattern's fields. */
interface PathNode {
  /** The dotted path so far, set where a field of the pattern ends. */
  field?: string;
  readonly children: Map<string, PathNode>;
}

/** A place inside an array; all that lies in the element shares this one object. */
interface ArrayElement {
  readonly array: readonly unknown[];
  readonly index: number;
  readonly outer: ArrayElement | undefined;
}

type Within = ArrayElement | undefined;

interface Leaf {
  value: Scalar;
  within: Within;
}

/** One field of a branch in an event: where it was found at all, and where with a value that the test accepts. */
interface Occurrences {
  anywhere: readonly Leaf[];
  accepted: ReadonlySet<Within>;
  acceptsAbsence: boolean;
}

/** Which element of each array the fields chosen so far lie in. */
type Chosen = Map<readonly unknown[], number>;

/** Whether a parsed JSON value is an object, arrays excluded. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Compiles branches to a matcher that is true when at least one of them is satisfied. */
export function compileBranches(branches: readonly Branch[]): (event: unknown) => boolean {
  const root = buildPaths(new Set(branches.flatMap(branch => [...branch.keys()])));
  // In order of their names, as in event-ruler; it decides which element an absence is looked for in.
  const sorted = branches.map(branch => [...branch].sort(([a], [b]) => (a < b ? -1 : 1)));
  return event => {
    if (!isObject(event)) return false;
    const found = findLeaves(root, event);
    return sorted.some(fields => satisfies(fields, found));
  };
}

/**
 * Event-ruler joins keys with dots before it compares, so a dot in the event's own key is no different from
 * nesting: every cut of a path at its dots is a possible sequence of keys.
 */
function buildPaths(fields: Iterable<string>): PathNode {
  const root: PathNode = { children: new Map() };
  const nodes = new Map<string, PathNode>();
  for (const field of fields) {
    const starts: Array<{ node: PathNode; at: number }> = [{ node: root, at: 0 }];
    for (let end = field.indexOf('.'); ; end = field.indexOf('.', end + 1)) {
      const path = end < 0 ? field : field.slice(0, end);
      const node: PathNode = nodes.get(path) ?? { children: new Map() };
      nodes.set(path, node);
      for (const { node: parent, at } of starts) parent.children.set(path.slice(at), node);
      if (end < 0) {
        node.field = field;
        break;
      }
      starts.push({ node, at: end + 1 });
    }
  }
  return root;
}

/** Walks with its own stack: a hostile event may nest arrays deeper than the call stack reaches. */
function findLeaves(root: PathNode, event: unknown): Map<string, Leaf[]> {
  const found = new Map<string, Leaf[]>();
  const pending: Array<{ node: PathNode; value: unknown; within: Within }> = [];
  const visit = (node: PathNode, value: unknown, within: Within): void => {
    if (typeof value === 'object' && value !== null) pending.push({ node, value, within });
    else if (node.field !== undefined) addLeaf(found, node.field, { value: value as Scalar, within });
  };
  visit(root, event, undefined);
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, value, within } = next;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        // Only objects and arrays tie their fields to an element; scalars of one array stand side by side.
        const nested = typeof item === 'object' && item !== null;
        visit(node, item, nested ? { array: value, index, outer: within } : within);
      }
    } else if (isObject(value)) {
      for (const [key, child] of node.children) {
        if (Object.hasOwn(value, key)) visit(child, value[key], within);
      }
    }
  }
  return found;
}

function addLeaf(found: Map<string, Leaf[]>, field: string, leaf: Leaf): void {
  const leaves = found.get(field);
  if (leaves) leaves.push(leaf);
  else found.set(field, [leaf]);
}

function satisfies(fields: Array<[string, FieldTest]>, found: Map<string, Leaf[]>): boolean {
  const occurrences: Occurrences[] = [];
  for (const [field, { accepts, acceptsAbsence }] of fields) {
    const anywhere = found.get(field) ?? [];
    const accepted = new Set<Within>();
    for (const leaf of anywhere) if (accepts(leaf.value)) accepted.add(leaf.within);
    if (accepted.size === 0 && !acceptsAbsence) return false;
    occurrences.push({ anywhere, accepted, acceptsAbsence });
  }
  return canChoose(occurrences, 0, new Map());
}

/** Whether the fields from `from` on can be chosen without leaving the array elements chosen already. */
function canChoose(fields: readonly Occurrences[], from: number, chosen: Chosen): boolean {
  const field = fields[from];
  if (!field) return true;
  for (const within of field.accepted) {
    if (!fits(within, chosen)) continue;
    const entered = enter(within, chosen);
    if (canChoose(fields, from + 1, chosen)) return true;
    for (const array of entered) chosen.delete(array);
  }
  const absent = field.acceptsAbsence && !field.anywhere.some(leaf => fits(leaf.within, chosen));
  return absent && canChoose(fields, from + 1, chosen);
}

function fits(within: Within, chosen: Chosen): boolean {
  for (let element = within; element; element = element.outer) {
    const index = chosen.get(element.array);
    if (index !== undefined && index !== element.index) return false;
  }
  return true;
}

/** Adds the elements around a field to the chosen ones; the answer is what was new. */
function enter(within: Within, chosen: Chosen): Array<readonly unknown[]> {
  const entered: Array<readonly unknown[]> = [];
  for (let element = within; element; element = element.outer) {
    if (chosen.has(element.array)) continue;
    chosen.set(element.array, element.index);
    entered.push(element.array);
  }
  return entered;
}
