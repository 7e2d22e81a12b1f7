/** Puts what marketing wants onto the bus, checked by the chain's own rules first, and says whom it reaches. */
import { randomUUID } from 'node:crypto';
import type { GivenAudience } from '../../domain/price-lists/price-entry.ts';
import {
  type DetailType,
  EVENT_SOURCE,
  parseEvent,
  RefusedEventError,
} from '../../domain/updates/published-events.ts';
import { checkSize, UpdateTooLargeError } from '../../domain/updates/update.ts';
import type { CommandError } from '../errors.ts';
import { printJson, printLine, printNote } from '../print.ts';
import { loadTarget, type Target } from '../target.ts';
import { describePublication } from './describe-publication.ts';
import { reachNotes } from './reach-note.ts';
import { untilInLog } from './until-in-log.ts';

export interface AudienceFlags {
  region?: string[];
  group?: string[];
  store?: string[];
}

export interface Publishing extends AudienceFlags {
  outputs?: string;
  json?: boolean;
  /** Only say what would be published to whom. */
  check?: boolean;
}

interface Detail {
  publishedAt: string;
  receipts?: 'now';
  audience?: GivenAudience;
  updateId?: string;
}

interface Publications {
  type: DetailType;
  /** Details; one that names no audience of its own is for the one that the flags name. */
  contents: readonly object[];
  /** What an invalid detail is told as: wrong usage, or a file that can't be taken. */
  Refusal: typeof CommandError;
  /** More to say of them, once they are on the bus. */
  notes?: (target: Target) => Promise<string | undefined>;
}

/** All are checked before the first is sent; with `check` none is. @throws CommandError */
export async function publishAll(publications: Publications, flags: Publishing): Promise<void> {
  const { type, contents, Refusal, notes } = publications;
  const audience = audienceOf(flags);
  // EventBridge keeps an event's time to the second only; two commands may follow each other within one.
  const publishedAt = new Date().toISOString();
  const details = awaited(
    contents.map(
      (content): Detail => ({
        publishedAt,
        ...(audience === undefined ? {} : { audience }),
        ...content,
      }),
    ),
  );
  for (const detail of details) refuseInvalid(type, detail, Refusal);
  const target = loadTarget(flags.outputs);
  if (flags.check) printChecked(type, details, flags.json);
  else await putAll(target, type, details, flags.json);
  const audiences = new Map(details.map(detail => [JSON.stringify(detail.audience), detail.audience]));
  await note(async () => [
    ...(await reachNotes(target.api, [...audiences.values()])),
    (await notes?.(target)) ?? '',
  ]);
}

/** A person publishes, and waits for the receipts; of many updates to the same stores those of the last take the others with them. */
function awaited(details: readonly Detail[]): Detail[] {
  const last = new Map(details.map(detail => [JSON.stringify(detail.audience), detail]));
  const lasts = new Set(last.values());
  return details.map(detail => (lasts.has(detail) ? { ...detail, receipts: 'now' } : detail));
}

async function putAll(
  target: Target,
  type: DetailType,
  details: readonly Detail[],
  json: boolean | undefined,
): Promise<void> {
  for (const [index, detail] of details.entries()) {
    const eventId = await target.putEvent(EVENT_SOURCE, type, detail);
    // A detail's own id wins over the event's.
    const updateId = detail.updateId ?? eventId;
    if (json) printJson({ updateId });
    else printLine(`published ${updateId}`);
    if (index < details.length - 1) await untilInLog(target.api, updateId);
  }
}

function printChecked(type: DetailType, details: readonly Detail[], json: boolean | undefined): void {
  if (json) printJson({ items: details.map(detail => ({ type, detail })) });
  else for (const detail of details) for (const line of describePublication(type, detail)) printLine(line);
}

/** It is on the bus by now: that nobody can say whom it reaches is no failure of the command. */
async function note(lines: () => Promise<string[]>): Promise<void> {
  try {
    for (const line of await lines()) if (line !== '') printNote(line);
  } catch (error) {
    printNote(
      `warning: whom it reaches is not known: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

export function audienceOf({ region, group, store }: AudienceFlags): GivenAudience {
  if (!region && !group && !store) return undefined;
  return {
    ...(region ? { regions: region } : {}),
    ...(group ? { groups: group } : {}),
    ...(store ? { stores: store } : {}),
  };
}

/** Says now what the broadcast would say later, in the dead-letter queue. */
function refuseInvalid(type: DetailType, detail: object, Refusal: typeof CommandError): void {
  try {
    checkSize(parseEvent({ id: randomUUID(), 'detail-type': type, detail }, Date.now()));
  } catch (error) {
    if (error instanceof RefusedEventError || error instanceof UpdateTooLargeError)
      throw new Refusal(error.message);
    throw error;
  }
}
