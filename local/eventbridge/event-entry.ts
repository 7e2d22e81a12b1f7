/** One entry of PutEvents: what makes it valid, and the event that becomes of it ("PutEventsRequestEntry"). */
import { parseJsonObject } from '../json-text.ts';

export interface PutEventsEntry {
  Source?: unknown;
  DetailType?: unknown;
  Detail?: unknown;
  EventBusName?: unknown;
  Resources?: unknown;
  /** Seconds since the epoch. */
  Time?: unknown;
}

/** An entry that PutEvents answers with a code and a reason instead of an id. */
export class RefusedEntryError extends Error {
  override readonly name = 'RefusedEntryError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface EventContent {
  /** The bus's name, also where the entry gave its ARN. */
  busName: string;
  source: string;
  'detail-type': string;
  /** ISO 8601 to the second, as EventBridge has it. */
  time: string;
  resources: string[];
  detail: Record<string, unknown>;
}

/**
 * @param now milliseconds since the epoch
 * @throws RefusedEntryError in AWS's words
 */
export function parseEntry(entry: PutEventsEntry, now: number): EventContent {
  const source = requiredText(entry.Source, 'Source');
  const detailType = requiredText(entry.DetailType, 'DetailType');
  if (source.startsWith('aws.')) {
    throw new RefusedEntryError('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  return {
    busName: busNameOf(entry.EventBusName),
    'detail-type': detailType,
    source,
    time: timeOf(entry.Time, now),
    resources: Array.isArray(entry.Resources) ? entry.Resources.map(String) : [],
    detail: parseDetail(requiredText(entry.Detail, 'Detail')),
  };
}

/** Bytes of an entry ("Calculating PutEvents event entry size"). */
export function entryBytes({ Source, DetailType, Detail, Resources, Time }: PutEventsEntry): number {
  const texts = [Source, DetailType, Detail, ...(Array.isArray(Resources) ? Resources : [])];
  const bytes = texts.reduce<number>(
    (sum, text) => sum + (typeof text === 'string' ? Buffer.byteLength(text) : 0),
    0,
  );
  return bytes + (Time === undefined ? 0 : 14);
}

/** The name that an `EventBusName` means: it may be a name, an ARN, or left out. */
export function busNameOf(value: unknown): string {
  if (typeof value !== 'string' || value === '') return 'default';
  return value.startsWith('arn:') ? value.slice(value.lastIndexOf('/') + 1) : value;
}

function requiredText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  const reason = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
  throw new RefusedEntryError('InvalidArgument', reason);
}

function parseDetail(text: string): Record<string, unknown> {
  try {
    return parseJsonObject(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RefusedEntryError('MalformedDetail', 'Detail is malformed.');
    throw error;
  }
}

/** ISO 8601 to the second, as EventBridge has it. */
function timeOf(value: unknown, now: number): string {
  const time = new Date(typeof value === 'number' ? value * 1000 : now);
  if (Number.isNaN(time.getTime())) {
    throw new RefusedEntryError('InvalidArgument', 'Parameter Time is not valid.');
  }
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
