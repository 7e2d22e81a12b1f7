/** What lists say of an update. */
import type { UpdateSummary } from '../../../domain/protocol/http-api.ts';
import { localTimesOf } from '../../../domain/retail/validity.ts';
import type { UpdateSummary as Summary } from '../../../domain/updates/update.ts';

export function describe(update: Summary): UpdateSummary {
  const { id, kind, publishedAt, validFrom, validUntil, audience = null, priceList } = update;
  const times = { validFrom, validUntil, ...localTimesOf(update) };
  const list = priceList === undefined ? {} : { priceList };
  return { updateId: id, kind, publishedAt, ...times, audience, ...list };
}
