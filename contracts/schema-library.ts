/** Named schemas as JSON Schema, each written once and named by the others as `#/$defs/NAME`. */
import { type ConversionConfig, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { byHand, byMessage, type JsonSchema, offerAsAWhole } from './said-by-hand.ts';
import { stepsOf, wireForm } from './wire-form.ts';

export type Library = Record<string, JsonSchema>;
/** OpenAPI 3.1 and AsyncAPI 3 take the first, EventBridge's schema registry the second. */
export type Target = 'draft-2020-12' | 'openapi-3.0';

/**
 * What the named schemas take, as it is on the wire. Each document takes what it needs of it by `closure`.
 *
 * @throws Error for a check that neither JSON Schema can say nor said-by-hand.ts names
 */
export function libraryOf(named: Record<string, v.GenericSchema>, target: Target): Library {
  const copies = new Map<unknown, unknown>();
  const all = {
    ...Object.fromEntries(Object.entries(byHand).map(([name, [schema]]) => [name, schema])),
    ...named,
  };
  const handled = new Set<unknown>(Object.values(byHand).flatMap(([schema]) => [schema, ...stepsOf(schema)]));
  const config: ConversionConfig = {
    target,
    typeMode: 'input',
    overrideSchema: ({ valibotSchema, errors }) => {
      const isHandled = errors !== undefined && [...handled].some(one => copies.get(one) === valibotSchema);
      return isHandled ? {} : undefined;
    },
    overrideAction: ({ valibotAction, jsonSchema, errors }) => {
      if (errors === undefined) return undefined;
      const said = handled.has(valibotAction) ? {} : sayingOf(valibotAction);
      return said === undefined ? undefined : { ...jsonSchema, ...said };
    },
  };
  const definitions = toJsonSchemaDefs(
    Object.fromEntries(Object.entries(all).map(([name, schema]) => [name, wireForm(schema, copies)])),
    config,
  ) as Library;
  for (const [name, [, said]] of Object.entries(byHand)) definitions[name] = said;
  return JSON.parse(JSON.stringify(definitions, withoutEmpty));
}

/** An empty list of required properties says nothing, and OpenAPI 3.0 forbids it. */
function withoutEmpty(keyword: string, value: unknown): unknown {
  return keyword === 'required' && Array.isArray(value) && value.length === 0 ? undefined : value;
}

type Action = Parameters<NonNullable<ConversionConfig['overrideAction']>>[0]['valibotAction'];

function sayingOf(action: Action): JsonSchema | undefined {
  const { type, message, requirement } = action as { type: string; message?: unknown; requirement?: unknown };
  // JSON has no infinity.
  if (type === 'finite') return {};
  // OpenAPI 3.0 says it by two words.
  if (type === 'gt_value') return { minimum: requirement, exclusiveMinimum: true };
  if (type !== 'check') return undefined;
  return typeof message === 'string' ? byMessage[message] : offerAsAWhole;
}

/** These definitions, and all that they name. */
export function closure(library: Library, names: readonly string[]): Library {
  const taken: Library = {};
  const take = (name: string) => {
    const definition = library[name];
    if (definition === undefined) throw new Error(`there is no schema ${name}`);
    if (taken[name] !== undefined) return;
    taken[name] = definition;
    for (const [, other = ''] of JSON.stringify(definition).matchAll(/"#\/\$defs\/([^"]+)"/g)) take(other);
  };
  names.forEach(take);
  return Object.fromEntries(Object.entries(taken).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same with its definitions in another place. */
export function placed<T>(value: T, place: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', `"${place}`));
}
