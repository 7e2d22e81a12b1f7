/** The line as an AsyncAPI 3 document, seen from the chain: it receives what stores and managers send. */

import { fromManager, fromStore, GATEWAY_ERROR, toManager, toStore, updates } from './named-schemas.ts';
import recorded from './recorded-frames.json' with { type: 'json' };
import { closure, type Library, placed } from './schema-library.ts';

/** What answers a frame, besides `error`. */
const answersTo: Record<string, string> = {
  sync: 'synced',
  applied: 'applied.accepted',
  sales: 'sales.accepted',
  report: 'report.accepted',
  message: 'message.accepted',
  ping: 'pong',
  watch: 'watching',
};

const summaries: Record<string, string> = {
  sync: 'Asks for what the store has missed.',
  applied: 'Receipts: what the store has applied, or refused and why.',
  sales: 'What the store has sold.',
  report: 'Sales, receipts, positions and a till that closes its day, in one frame.',
  message: "A message of the store, for the chain's other systems.",
  ping: 'Keeps the line open, and asks for the newest positions.',
  watch: 'Asks stores to report each second for five minutes.',
  synced: 'Exactly the updates that the store has missed, or the current state, page by page.',
  'applied.accepted': 'These receipts are stored.',
  'sales.accepted':
    'These sales are stored, each counted once; those that are rejected are not taken as they are.',
  'report.accepted': 'The answers to all parts of a report.',
  'message.accepted': 'The message is on the outbound bus.',
  pong: "The newest positions of the store's channels. Unasked, it says that the store was placed anew.",
  watching: 'Until when stores report each second.',
  pace: 'How often stores report from now on.',
  error: 'The frame was not accepted; the line stays open.',
  closing: 'The connection is about to be closed, and why.',
  update: 'A price list, an offer, the withdrawal of one, or a message.',
  'sales.totals': 'What stores have sold in a minute: absolute, the higher count is the newer.',
  delivery: 'Where an update stands with the stores that it is for.',
  presence: 'Stores that came on the line or went off it.',
  [GATEWAY_ERROR]:
    "The gateway's own: no code of the chain could run. Nothing was accepted, send the frame again.",
};

/** Names of the messages of each direction, and the schema of each. */
const messagesOf = {
  store: { ...fromStore, ...toStore, update: 'Update', [GATEWAY_ERROR]: GATEWAY_ERROR },
  manager: { ...fromManager, ...toManager, [GATEWAY_ERROR]: GATEWAY_ERROR },
};
type Party = keyof typeof messagesOf;

export function lineDocument(library: Library, version: string): object {
  const all: Record<string, string> = { ...messagesOf.store, ...messagesOf.manager };
  const schemas = closure(library, [...new Set([...Object.values(all), ...Object.values(updates)])]);
  return placed(
    {
      asyncapi: '3.1.0',
      info: {
        title: 'storecast line',
        version,
        description:
          'One WebSocket between a store and the chain. docs/protocol.md says what the schemas cannot: what to do when.',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      defaultContentType: 'application/json',
      servers: { chain: server },
      channels: {
        store: channel('store', 'The line of a store. A token of the role store opens it.'),
        manager: channel('manager', 'The line of a manager or a publisher.'),
      },
      operations: { ...operationsOf('store', fromStore), ...operationsOf('manager', fromManager) },
      components: {
        messages: Object.fromEntries(
          Object.entries(all).map(([name, schema]) => [name, message(name, schema)]),
        ),
        schemas,
        securitySchemes,
      },
    },
    '#/components/schemas/',
  );
}

const server = {
  host: '{api}',
  pathname: '/prod',
  protocol: 'wss',
  description: 'The output StoreEndpoint of the stack.',
  variables: { api: { default: 'example.execute-api.eu-central-1.amazonaws.com' } },
  security: [
    { $ref: '#/components/securitySchemes/bearer' },
    { $ref: '#/components/securitySchemes/subprotocol' },
  ],
};

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The header Authorization.' },
  subprotocol: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description:
      'Where no header can be set: `storecast.v1, bearer.TOKEN`, and `line.NAME` for a line that names itself.',
  },
};

function channel(party: Party, description: string): object {
  const names = Object.keys(messagesOf[party]);
  return {
    address: '/',
    description,
    messages: Object.fromEntries(names.map(name => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: {
      ws: {
        method: 'GET',
        headers: {
          type: 'object',
          properties: { 'Storecast-Line': { type: 'string', pattern: '^[A-Za-z0-9._-]+$' } },
        },
      },
    },
  };
}

/** An operation for each frame that comes in, with its answers, and one for all that goes out unasked. */
function operationsOf(party: Party, incoming: Record<string, string>): Record<string, object> {
  const reference = (name: string) => ({ $ref: `#/channels/${party}/messages/${name}` });
  const asked = Object.keys(incoming).map(action => {
    const replies = [answersTo[action] ?? '', 'error', GATEWAY_ERROR];
    return [
      `${party}.${action}`,
      {
        action: 'receive',
        summary: summaries[action],
        channel: { $ref: `#/channels/${party}` },
        messages: [reference(action)],
        reply: { channel: { $ref: `#/channels/${party}` }, messages: replies.map(reference) },
      },
    ] as const;
  });
  const answered = new Set([
    ...Object.values(answersTo).filter(name => name !== 'pong'),
    'error',
    GATEWAY_ERROR,
  ]);
  const unasked = Object.keys(messagesOf[party]).filter(name => !(name in incoming) && !answered.has(name));
  const push = {
    action: 'send',
    summary: 'What the chain sends unasked.',
    channel: { $ref: `#/channels/${party}` },
    messages: unasked.map(reference),
  };
  return { ...Object.fromEntries(asked), [`${party}.push`]: push };
}

function message(name: string, schema: string): object {
  const examples = (recorded as Record<string, object[]>)[name] ?? [];
  return {
    name,
    summary: summaries[name],
    payload: { $ref: `#/$defs/${schema}` },
    ...(examples.length === 0 ? {} : { examples: examples.map(payload => ({ payload })) }),
  };
}
