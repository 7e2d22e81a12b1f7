/**
 * The events of both buses, what is published and what comes out, as EventBridge's schema registry takes them: OpenAPI 3.0, in the form in which the registry writes
 * what it discovers, so that its code bindings take them.
 */
import { outboundDetails } from '../domain/outbound/outbound-events.ts';
import { details, EVENT_SOURCE } from '../domain/updates/published-events.ts';
import { closure, type Library, placed } from './schema-library.ts';

/** By detail-type. */
export function eventDocuments(library: Library, version: string): Record<string, object> {
  const types = Object.keys({ ...details, ...outboundDetails });
  return Object.fromEntries(types.map(type => [type, eventDocument(type, library, version)]));
}

function eventDocument(type: string, library: Library, version: string): object {
  const text = { type: 'string' };
  return placed(
    {
      openapi: '3.0.0',
      info: { version, title: type },
      paths: {},
      components: {
        schemas: {
          AWSEvent: {
            type: 'object',
            required: [
              'detail-type',
              'resources',
              'detail',
              'id',
              'source',
              'time',
              'region',
              'version',
              'account',
            ],
            'x-amazon-events-detail-type': type,
            'x-amazon-events-source': EVENT_SOURCE,
            properties: {
              detail: { $ref: `#/$defs/${type}` },
              account: text,
              'detail-type': text,
              id: text,
              region: text,
              resources: { type: 'array', items: text },
              source: text,
              time: { type: 'string', format: 'date-time' },
              version: text,
            },
          },
          ...closure(library, [type]),
        },
      },
    },
    '#/components/schemas/',
  );
}
