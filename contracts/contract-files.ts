/** Every file of docs/contracts, off the schemas by which the chain itself reads. */
import manifest from '../package.json' with { type: 'json' };
import { eventDocuments } from './bus-events.ts';
import { httpDocument } from './http-document.ts';
import { lineDocument } from './line-document.ts';
import {
  eventSchemas,
  fromManager,
  fromStore,
  GATEWAY_ERROR,
  namedSchemas,
  toManager,
  toStore,
} from './named-schemas.ts';
import { closure, type Library } from './schema-library.ts';

/** Contents by the path from `docs/contracts/`. */
export function contractFiles(): Map<string, string> {
  const library = namedSchemas();
  const { version } = manifest;
  const documents: Record<string, object> = {
    'from-store.schema.json': frames('What a store sends', library, Object.values(fromStore)),
    'to-store.schema.json': frames('What a store gets', library, [
      ...Object.values(toStore),
      'Update',
      GATEWAY_ERROR,
    ]),
    'from-manager.schema.json': frames('What a manager sends', library, Object.values(fromManager)),
    'to-manager.schema.json': frames('What a manager gets', library, [
      ...Object.values(toManager),
      GATEWAY_ERROR,
    ]),
    'sale.schema.json': frames('A sale', library, ['Sale']),
    'asyncapi.json': lineDocument(library, version),
    'openapi.json': httpDocument(library, version),
  };
  for (const [type, document] of Object.entries(eventDocuments(eventSchemas(), version)))
    documents[`events/${type}.json`] = document;
  return new Map(Object.entries(documents).map(([path, document]) => [path, textOf(document)]));
}

/** A schema of its own, which takes any one of these. */
function frames(title: string, library: Library, names: readonly string[]): object {
  const any = names.map(name => ({ $ref: `#/$defs/${name}` }));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    ...(any.length === 1 ? any[0] : { anyOf: any }),
    $defs: closure(library, names),
  };
}

function textOf(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
