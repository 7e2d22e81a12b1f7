/** What has a name in the contracts: the frames, the events, the answers of the HTTP API, and what they share. */
import type * as v from 'valibot';
import { Amount } from '../domain/money.ts';
import { Name } from '../domain/names.ts';
import { outboundDetails } from '../domain/outbound/outbound-events.ts';
import { ChainAnswer, UnsupportedUpdate } from '../domain/protocol/chain-frames.ts';
import { EvidenceStatement } from '../domain/protocol/evidence-statement.ts';
import * as http from '../domain/protocol/http-api.ts';
import { ManagerFrame } from '../domain/protocol/manager-frames.ts';
import { AnyAudit, AnyTotal } from '../domain/protocol/sales-answers.ts';
import { Rollout, RolloutWave } from '../domain/protocol/staging-answers.ts';
import { requestId, StoreFrame, StorePositions, TillClosing } from '../domain/protocol/store-frames.ts';
import { DriftItem, StorePrice } from '../domain/protocol/trust-answers.ts';
import { RetailOffer } from '../domain/retail/offer.ts';
import { RetailPrice } from '../domain/retail/price.ts';
import { Unit } from '../domain/retail/unit.ts';
import { SaleSchema } from '../domain/sales/sale-schema.ts';
import { Audience } from '../domain/updates/channels.ts';
import { details } from '../domain/updates/published-events.ts';
import { KnownUpdate } from '../domain/updates/read-update.ts';
import { RolloutPlan } from '../domain/updates/rollout-plan.ts';
import { UpdateFrame } from '../domain/updates/update.ts';
import type { JsonSchema } from './said-by-hand.ts';
import { type Library, libraryOf, type Target } from './schema-library.ts';

const shared = {
  Name,
  Amount,
  Unit,
  RequestId: requestId,
  Positions: StorePositions,
  Audience,
  RolloutPlan,
  Price: RetailPrice,
  Offer: RetailOffer,
  Sale: SaleSchema,
  TillClosing,
};
const parts = {
  Store: http.Store,
  UpdateSummary: http.UpdateSummary,
  PublishedUpdate: http.PublishedUpdate,
  Delivery: http.Delivery,
  EvidenceStatement,
  Revocation: http.Revocation,
  Rollout,
  RolloutWave,
  TillGaps: http.TillGaps,
  StorePrice,
  Drift: DriftItem,
  Total: AnyTotal,
  PriceAudit: AnyAudit,
  Problem: http.Problem,
};
/** `ListStoresAnswer` and `PlaceStoreBody`: what each operation of the HTTP API answers and is sent. */
const exchanged = Object.fromEntries(
  Object.entries<http.Operation>(http.operations).flatMap(([name, { status, answer, body }]) => [
    ...(status === 204 ? [] : [[answerName(name), answer]]),
    ...(body === undefined ? [] : [[bodyName(name), body]]),
  ]),
);

/** Frames by the `action` or the `type` that tells them. */
export const fromStore = framesBy('action', StoreFrame.options, action => action !== 'watch');
export const fromManager = framesBy('action', StoreFrame.options, action =>
  ['watch', 'ping'].includes(action),
);
const ofChain = framesBy('type', ChainAnswer.options);
export const toManager = {
  ...framesBy('type', ManagerFrame.options),
  ...pick(ofChain, ['pong', 'error']),
};
export const toStore = ofChain;

/** Names of the schemas of updates, by kind; the last one is of every kind that this version doesn't know. */
export const updates: Record<string, string> = {
  ...Object.fromEntries(
    KnownUpdate.options.map(({ entries }) => [entries.kind.literal, `${pascal(entries.kind.literal)}Update`]),
  ),
  other: 'UnsupportedUpdate',
};

/** The gateway's own frame, for when no code of ours could run. */
export const GATEWAY_ERROR = 'GatewayError';
const gatewayError: JsonSchema = {
  type: 'object',
  properties: {
    message: { type: 'string' },
    connectionId: { type: 'string' },
    requestId: { type: 'string', description: "The gateway's, not the frame's." },
  },
  required: ['message', 'connectionId', 'requestId'],
  not: { required: ['type'] },
};

/** All that has a name. */
export function namedSchemas(): Library {
  const frames = [StoreFrame, ChainAnswer, ManagerFrame].flatMap(({ options }) => [...options]);
  const library = libraryOf(
    {
      ...shared,
      ...parts,
      ...exchanged,
      ...details,
      UnsupportedUpdate,
      UpdateEnvelope: UpdateFrame,
      ...Object.fromEntries(frames.map(frame => [nameOf(frame), frame])),
      ...Object.fromEntries(
        KnownUpdate.options.map(known => [updates[known.entries.kind.literal] ?? '', known]),
      ),
    },
    'draft-2020-12',
  );
  for (const { entries } of KnownUpdate.options) {
    const name = updates[entries.kind.literal] ?? '';
    library[name] = joined(library.UpdateEnvelope, library[name]);
  }
  const { UnsupportedUpdate: other } = library;
  const unknownKind = {
    type: 'string',
    not: { enum: KnownUpdate.options.map(known => known.entries.kind.literal) },
  };
  library.UnsupportedUpdate = { ...other, properties: { ...propertiesOf(other), kind: unknownKind } };
  library.Update = { anyOf: Object.values(updates).map(name => ({ $ref: `#/$defs/${name}` })) };
  library[GATEWAY_ERROR] = gatewayError;
  library[bodyName('publishUpdate')] = { oneOf: Object.keys(details).map(publicationOf) };
  // Both are read one by one, so that a bad one costs only itself; what each should be is said here.
  for (const name of ['SalesFrame', 'ReportFrame']) setItems(library[name], 'sales', 'Sale');
  setItems(library.SyncedFrame, 'updates', 'Update');
  Object.assign(propertiesOf(library[answerName('getEvidence')]).payload ?? {}, {
    contentEncoding: 'base64url',
    contentMediaType: 'application/json',
    contentSchema: { $ref: '#/$defs/EvidenceStatement' },
  });
  return library;
}

/** Details of the events of both buses, in the dialect of EventBridge's schema registry. */
export function eventSchemas(): Library {
  return libraryOf(
    { Name, Amount, Unit, Audience, RolloutPlan, ...details, ...outboundDetails },
    'openapi-3.0' satisfies Target,
  );
}

export function answerName(operation: string): string {
  return `${operation[0]?.toUpperCase()}${operation.slice(1)}Answer`;
}

export function bodyName(operation: string): string {
  return `${operation[0]?.toUpperCase()}${operation.slice(1)}Body`;
}

function publicationOf(type: string): JsonSchema {
  const properties = { type: { const: type }, detail: { $ref: `#/$defs/${type}` } };
  return { type: 'object', properties, required: ['type', 'detail'], additionalProperties: false };
}

type Frame = v.GenericSchema & { entries: Record<string, unknown> };

function framesBy(
  key: string,
  options: readonly Frame[],
  isTaken: (literal: string) => boolean = () => true,
): Record<string, string> {
  const literals = options.map(option => (option.entries[key] as { literal: string }).literal);
  return Object.fromEntries(literals.filter(isTaken).map(literal => [literal, `${pascal(literal)}Frame`]));
}

function nameOf({ entries }: Frame): string {
  return `${pascal(((entries.action ?? entries.type) as { literal: string }).literal)}Frame`;
}

/** `ReportAccepted` of `report.accepted`. */
function pascal(literal: string): string {
  return literal.replaceAll(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function pick<T>(record: Record<string, T>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keys.includes(key)));
}

/** One object with the properties of both; the second says more of those that it has. */
function joined(one: JsonSchema = {}, other: JsonSchema = {}): JsonSchema {
  const required = [one, other].flatMap(schema => (schema.required ?? []) as string[]);
  const properties = { ...propertiesOf(one), ...propertiesOf(other) };
  return { ...one, ...other, properties, required: [...new Set(required)] };
}

function propertiesOf(schema: JsonSchema = {}): Record<string, JsonSchema> {
  return schema.properties as Record<string, JsonSchema>;
}

function setItems(schema: JsonSchema | undefined, property: string, name: string): void {
  const list = propertiesOf(schema)[property];
  if (list === undefined) throw new Error(`there is no ${property} to say more of`);
  list.items = { $ref: `#/$defs/${name}` };
}
