import { describe, expect, it } from 'vitest';
import type { Store } from '../../../domain/protocol/http-api.ts';
import type { ManagerFrame } from '../../../domain/protocol/manager-frames.ts';
import { Model } from '../../../page/model/model.ts';

const store = (change: Partial<Store> = {}): Store => ({
  storeId: 's1',
  region: 'north',
  groups: [],
  connected: true,
  since: '2026-12-01T08:00:00.000Z',
  lastSeenAt: '2026-12-01T08:00:00.000Z',
  behind: 0,
  ...change,
});
const presence = (connected: boolean, at: string, storeId = 's1'): ManagerFrame => ({
  type: 'presence',
  items: [{ storeId, connected, at }],
});
const delivery = (applied: number, pending: number, offline = 0, targeted = 3) =>
  ({ type: 'delivery', updateId: 'u1', targeted, applied, rejected: 0, pending, offline }) as const;
const reported = (model: Model) => {
  model.takeUpdates([{ updateId: 'u1' } as never], false);
  return model.updates[0]?.delivery;
};

describe('presence', () => {
  it('that is pushed changes the store', () => {
    const model = new Model();
    model.takeStores([store()], model.turn);
    model.take(presence(false, '2026-12-01T08:01:00.000Z'));
    expect(model.stores).toMatchObject([{ connected: false, since: '2026-12-01T08:01:00.000Z' }]);
  });

  it('that is older than what is known changes nothing', () => {
    const model = new Model();
    model.takeStores([store()], model.turn);
    model.take(presence(false, '2026-12-01T07:59:00.000Z'));
    expect(model.stores).toMatchObject([{ connected: true }]);
  });

  it('that was pushed while the list was asked for outlives the answer', () => {
    const model = new Model();
    const askedAt = model.turn;
    model.take(presence(false, '2026-12-01T08:01:00.000Z'));
    model.takeStores([store()], askedAt);
    expect(model.stores).toMatchObject([{ connected: false }]);
  });

  it('that was pushed before the list was asked for gives way to the answer', () => {
    const model = new Model();
    model.take(presence(true, '2026-12-01T08:01:00.000Z'));
    model.takeStores([store({ connected: false, since: null })], model.turn);
    expect(model.stores).toMatchObject([{ connected: false, since: null }]);
  });

  it('of a store that is not in the list waits for the list', () => {
    const model = new Model();
    model.take(presence(true, '2026-12-01T08:01:00.000Z', 'new'));
    expect(model.hasStore('new')).toBe(false);
  });
});

describe('what was published', () => {
  const takeContent = (kind: string, data: Record<string, unknown>) => {
    const model = new Model();
    const update = {
      updateId: 'u1',
      kind,
      publishedAt: '',
      validFrom: null,
      validUntil: null,
      audience: null,
    };
    model.takeUpdates([update], false);
    model.takeContent({ ...update, data, positions: null });
    return model.updates[0]?.content;
  };

  it('is read by its kind', () => {
    const data = { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }] };
    expect(takeContent('price.changed', data)).toEqual({ kind: 'price.changed', data });
  });

  it('is null for a kind that the page does not know, and is not asked for again', () => {
    expect(takeContent('coupon.issued', { code: 'X' })).toBeNull();
  });
});

describe('a delivery', () => {
  it('with more receipts is the newer one, whichever comes last', () => {
    const model = new Model();
    model.take(delivery(2, 1));
    model.take(delivery(1, 2));
    expect(reported(model)).toMatchObject({ applied: 2, pending: 1 });
  });

  it('with as many receipts tells anew who is pending and who offline', () => {
    const model = new Model();
    model.take(delivery(2, 1));
    model.take(delivery(2, 0, 1));
    expect(reported(model)).toMatchObject({ pending: 0, offline: 1 });
  });

  it('counts as expired what is none of what a frame names', () => {
    const model = new Model();
    model.take(delivery(1, 0, 0));
    expect(reported(model)).toMatchObject({ targeted: 3, applied: 1, expired: 2 });
  });

  it('that is pushed keeps what only the report knows', () => {
    const model = new Model();
    const report = { targeted: 3, applied: 1, rejected: 0, pending: 2, offline: 0, expired: 0 };
    model.takeDelivery('u1', { ...report, lastAppliedMs: 40 });
    model.take(delivery(2, 1));
    expect(reported(model)).toMatchObject({ applied: 2, lastAppliedMs: 40 });
  });
});

it('has the same lists until something in them changes, so that what is drawn of them can stay: sales change none', () => {
  const model = new Model();
  model.takeStores([store()], model.turn);
  model.takeUpdates([{ updateId: 'u1' } as never], false);
  model.showRegion('north');
  const listed = () => [model.stores, model.shownStores, model.updates, model.revision];
  const isKept = (before: unknown[]) => listed().map((list, index) => list === before[index]);
  let before = listed();
  const sold = { store: 's1', minute: '2026-12-01T08:00Z', count: 1, amount: 100, currency: 'EUR' };
  model.take({ type: 'sales.totals', items: [sold] });
  expect(isKept(before)).toEqual([true, true, true, true]);
  model.take(delivery(1, 2));
  expect(isKept(before)).toEqual([true, true, false, false]);
  before = listed();
  model.take(presence(false, '2026-12-01T08:01:00.000Z'));
  expect(isKept(before)).toEqual([false, false, true, false]);
});

it('says when it has changed, until nobody listens', () => {
  const model = new Model();
  let changes = 0;
  const unsubscribe = model.subscribe(() => {
    changes += 1;
  });
  model.take(presence(true, '2026-12-01T08:01:00.000Z'));
  expect(changes).toBe(1);
  unsubscribe();
  model.take(presence(true, '2026-12-01T08:02:00.000Z'));
  expect(changes).toBe(1);
});
