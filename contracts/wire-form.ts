/** Schemas of valibot in the form in which JSON Schema can say them: what is on the wire, in one step. */
import type * as v from 'valibot';

type Node = Record<string, unknown>;
type Step = { kind: string; type: string; pipe?: Step[] };

/**
 * A copy in which each pipe of several schemas is its last schema with the checks of all: a list whose length is checked
 * before its items are looked into becomes a list with a length and items. A transformation ends a pipe: what follows is
 * no longer what is on the wire.
 *
 * @param copies of the schemas that are already copied, so that one that is used twice stays one
 */
export function wireForm<S extends v.GenericSchema>(schema: S, copies: Map<unknown, unknown>): S {
  const known = copies.get(schema);
  if (known !== undefined) return known as S;
  const copy = { ...schema } as unknown as Node;
  copies.set(schema, copy);
  for (const property of ['item', 'wrapped', 'key', 'value'])
    if (isSchema(copy[property])) copy[property] = wireForm(copy[property], copies);
  if (Array.isArray(copy.options))
    copy.options = copy.options.map(option => (isSchema(option) ? wireForm(option, copies) : option));
  if (copy.entries !== undefined)
    copy.entries = Object.fromEntries(
      Object.entries(copy.entries as object).map(([name, entry]) => [name, wireForm(entry, copies)]),
    );
  if (copy.pipe !== undefined) copy.pipe = oneStep(copy.pipe as Step[], copies);
  return copy as unknown as S;
}

/** The checks and changes of a schema, one after the other. */
export function stepsOf(schema: v.GenericSchema): Step[] {
  return 'pipe' in schema ? flat(schema.pipe as Step[]) : [];
}

function oneStep(pipe: Step[], copies: Map<unknown, unknown>): Step[] {
  const steps = flat(pipe);
  const end = steps.findIndex(({ kind, type }) => kind === 'transformation' && type !== 'trim');
  const onWire = end < 0 ? steps : steps.slice(0, end);
  const schema = onWire.findLast(isSchema) as unknown as v.GenericSchema;
  const checks = onWire.filter(step => !isSchema(step));
  return [wireForm(schema, copies) as unknown as Step, ...checks];
}

function flat(pipe: Step[]): Step[] {
  return pipe.flatMap(step => (step.pipe === undefined ? [step] : flat(step.pipe)));
}

function isSchema(value: unknown): value is v.GenericSchema {
  return (value as Partial<Step> | undefined)?.kind === 'schema';
}
