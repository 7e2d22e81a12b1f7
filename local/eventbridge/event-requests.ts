/** EventBridge's API, as far as publishers use it: PutEvents and TestEventPattern. */
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import { isObject, parseJson } from '../json-text.ts';
import type { EventBuses } from './event-bus.ts';
import { entryBytes, type PutEventsEntry } from './event-entry.ts';
import { InvalidEventPatternError, parseEventPattern } from './pattern.ts';

const MAX_ENTRIES = 10;
const MAX_BYTES = 1024 * 1024;

interface Input {
  Entries?: PutEventsEntry[];
  EventPattern?: string;
  Event?: string;
}

/** A request that EventBridge refuses as a whole. */
class EventsApiError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function handleEventsRequest(buses: EventBuses, request: HttpRequest): HttpResponse {
  const operation = request.headers['x-amz-target']?.split('.')[1];
  try {
    const input = JSON.parse(request.body.toString()) as Input;
    if (operation === 'PutEvents') return respond(200, buses.putEvents(checkEntries(input)));
    if (operation === 'TestEventPattern') return respond(200, { Result: testEventPattern(input) });
    throw new EventsApiError('UnknownOperationException', `the local cloud has no EventBridge ${operation}`);
  } catch (error) {
    if (error instanceof EventsApiError) return respond(400, { __type: error.code, message: error.message });
    if (error instanceof InvalidEventPatternError) {
      return respond(400, { __type: 'InvalidEventPatternException', message: error.message });
    }
    if (error instanceof SyntaxError) return respond(400, { __type: 'SerializationException' });
    throw error;
  }
}

function checkEntries({ Entries }: Input): PutEventsEntry[] {
  if (!Array.isArray(Entries) || Entries.length < 1 || Entries.length > MAX_ENTRIES) {
    throw new EventsApiError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${MAX_ENTRIES} and greater than or equal to 1`,
    );
  }
  const bytes = Entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes > MAX_BYTES) {
    throw new EventsApiError(
      'ValidationException',
      `Total size of the entries in the request is over the limit.`,
    );
  }
  return Entries;
}

const REQUIRED_EVENT_FIELDS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

function testEventPattern({ EventPattern = '', Event = '' }: Input): boolean {
  const pattern = parseEventPattern(
    parse(
      EventPattern,
      'InvalidEventPatternException',
      'Event pattern is not valid. Reason: Filter is not an object',
    ),
  );
  const event = parse(Event, 'ValidationException', 'Parameter Event is not valid.');
  const missing = REQUIRED_EVENT_FIELDS.find(field => !(isObject(event) && field in event));
  if (!isObject(event) || missing !== undefined) {
    throw new EventsApiError(
      'ValidationException',
      `Parameter Event is not valid. Reason: ${missing} is missing`,
    );
  }
  return pattern.matches(event);
}

function parse(text: unknown, code: string, message: string): unknown {
  try {
    return parseJson(String(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new EventsApiError(code, message);
    throw error;
  }
}

function respond(status: number, body: object): HttpResponse {
  return jsonResponse(status, body, { 'content-type': 'application/x-amz-json-1.1' });
}
