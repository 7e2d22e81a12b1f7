/** The states of a delivery in words for people, and as a table for a spreadsheet. */
import type { DeliveryState, Store, StoreDelivery } from '../../domain/protocol/http-api.ts';

export const DELIVERY_WORDS: Record<DeliveryState, string> = {
  applied: 'has it',
  pending: 'on its way',
  offline: 'offline',
  rejected: 'refuses it',
  expired: 'too late',
};

/** Of several stores. */
export const DELIVERY_WORDS_OF_MANY: Record<DeliveryState, string> = {
  ...DELIVERY_WORDS,
  applied: 'have it',
  rejected: 'refuse it',
};

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** CSV (RFC 4180) with a byte order mark, by which spreadsheets know UTF-8. */
export function deliveryCsv(rows: readonly StoreDelivery[], stores: readonly Store[]): string {
  const known = new Map(stores.map(store => [store.storeId, store]));
  const header = ['store', 'name', 'region', 'state', 'at', 'reason'];
  const lines = rows.map(({ storeId, state, at, reason }) => {
    const { name, region } = known.get(storeId) ?? {};
    return [storeId, name, region, DELIVERY_WORDS[state], at, reason].map(cell => cellOf(cell ?? ''));
  });
  return `\uFEFF${[header, ...lines].map(cells => cells.join(',')).join('\r\n')}\r\n`;
}

function cellOf(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
