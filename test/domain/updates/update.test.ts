import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../domain/updates/published-events.ts';
import {
  encodeUpdate,
  MAX_UPDATE_BYTES,
  type Update,
  UpdateTooLargeError,
} from '../../../domain/updates/update.ts';

const update: Update = {
  id: 'u1',
  kind: 'price.changed',
  publishedAt: '2026-12-01T08:00:00.000Z',
  validFrom: null,
  validUntil: null,
  audience: { regions: ['north'], groups: [], stores: [] },
  data: { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }] },
};

const withText = (text: string): Update => ({
  ...update,
  kind: 'offer.withdrawn',
  data: { offerId: text },
});
const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');
/** Bytes that an update has left for its text. */
const room = MAX_UPDATE_BYTES - bytesOf(encodeUpdate(withText(''), { all: 1 }));

describe('an encoded update', () => {
  // A chain of two versions side by side: an older function reads what a newer one has written.
  it('keeps the fields that a newer version gave it', () => {
    const newer = { ...update, priceList: 'l1', evidence: 'later', data: { ...update.data, note: 'n' } };
    const frame = JSON.parse(encodeUpdate(newer, { all: 1 }));
    expect(frame).toMatchObject({ evidence: 'later', data: { note: 'n' } });
    expect(frame).not.toHaveProperty('priceList');
  });

  it('is the frame that a store gets, without the audience', () => {
    expect(JSON.parse(encodeUpdate(update, { all: 3, 'region/north': 1 }))).toEqual({
      type: 'update',
      id: 'u1',
      kind: 'price.changed',
      positions: { all: 3, 'region/north': 1 },
      publishedAt: '2026-12-01T08:00:00.000Z',
      validFrom: null,
      validUntil: null,
      data: { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }] },
    });
  });

  it('has times on the stores’ clocks only where they are said', () => {
    const local = { validFromLocal: '2026-12-01T06:00', validUntilLocal: '2026-12-24T20:00' };
    expect(JSON.parse(encodeUpdate({ ...update, ...local }, { all: 3 }))).toMatchObject(local);
  });

  it.each<[string, string, number]>([
    ['letters of one byte', 'x', 1],
    ['letters of two bytes', 'ä', 2],
    ['signs of three bytes', '€', 3],
    ['signs of four bytes', '\u{1f6d2}', 4],
    // JSON writes a control character as \u0001.
    ['signs that JSON escapes', '\u0001', 6],
  ])('holds 30,000 bytes and not one more, counted in %s', (_title, sign, size) => {
    const filling = 'x'.repeat(room % size) + sign.repeat(Math.floor(room / size));
    expect(bytesOf(encodeUpdate(withText(filling), { all: 1 }))).toBe(MAX_UPDATE_BYTES);
    expect(() => encodeUpdate(withText(`${filling}x`), { all: 1 })).toThrow(UpdateTooLargeError);
  });

  it('counts its positions too', () => {
    const full = withText('x'.repeat(room));
    expect(() => encodeUpdate(full, { all: 10 })).toThrow(
      'the update takes 30001 bytes, more than the 30000 of a frame',
    );
  });

  it('holds several hundred prices of one event', () => {
    const prices = Array.from({ length: 500 }, (_, index) => ({
      sku: `SKU-${index}`,
      amount: 100 + index,
      currency: 'EUR',
    }));
    const event = { id: 'u1', 'detail-type': 'PriceChanged', detail: { prices } };
    const parsed = parseEvent(event, Date.parse('2026-12-01T08:00:00Z'));
    expect(JSON.parse(encodeUpdate(parsed, { all: 1 }))).toMatchObject({ id: 'u1', data: { prices } });
  });
});
