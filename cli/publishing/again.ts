/** An update that was published, made ready to go out once more: what a store refused by mistake is sent to it again. */
import { operations } from '../../domain/protocol/http-api.ts';
import { detailTypes } from '../../domain/updates/event-of-update.ts';
import type { DetailType } from '../../domain/updates/published-events.ts';
import type { UpdateKind } from '../../domain/updates/update-content.ts';
import type { ApiClient } from '../api-client.ts';
import { CommandError } from '../errors.ts';

/** A withdrawal of prices is none of them: it reaches every store that its prices reached, and goes nowhere else. */
type SentAgain = Exclude<UpdateKind, 'price.withdrawn'>;

/**
 * Its event without an audience and an id. It keeps its time of publication: what was published since then still wins.
 *
 * @throws CommandError if there is no such update, if it is a withdrawal of prices, or if this version doesn't know its kind
 */
export async function eventOf(
  api: ApiClient,
  updateId: string,
): Promise<{ type: DetailType; content: object }> {
  const update = await api.call(operations.getUpdate, { parameters: { id: updateId } });
  const { data, kind, publishedAt, validFrom, validFromLocal, validUntil, validUntilLocal } = update;
  if (kind === 'price.withdrawn')
    throw new CommandError(`${updateId} takes prices back; storecast publish withdraw-price does so again`);
  if (!isKnown(kind)) throw new CommandError(`${updateId} is a ${kind}, which this version does not know`);
  const times = { publishedAt, validFrom, validFromLocal, validUntil, validUntilLocal };
  const given = Object.entries(times).filter(([, time]) => time !== null && time !== undefined);
  return { type: detailTypes[kind], content: { ...Object.fromEntries(given), ...data } };
}

function isKnown(kind: string): kind is SentAgain {
  return kind !== 'price.withdrawn' && Object.hasOwn(detailTypes, kind);
}
