import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteAt, SalesLedger } from '../../../page/model/sales-ledger.ts';

const MINUTE = '2026-12-01T08:00Z';
const at = minuteAt(Date.parse(MINUTE));
const total = (count: number, amount = count * 100, currency = 'EUR') => ({ count, amount, currency });
const ofStore = (store: string, count: number, minute = MINUTE) => ({ store, minute, ...total(count) });

describe('a minute of the chain', () => {
  it('is what its stores sold, once the stores are known', () => {
    const ledger = new SalesLedger();
    ledger.takeStoreMinutes([ofStore('a', 2), ofStore('b', 3)]);
    expect(ledger.at(at, 'EUR')).toEqual({ count: 5, amount: 500 });
  });

  it('is the chain’s own total as long as only some stores are known', () => {
    const ledger = new SalesLedger();
    ledger.takeMinutes([{ minute: MINUTE, ...total(10) }]);
    ledger.takeStoreMinutes([ofStore('a', 2)]);
    expect(ledger.at(at, 'EUR').count).toBe(10);
    ledger.takeStoreMinutes([ofStore('b', 9)]);
    expect(ledger.at(at, 'EUR').count).toBe(11);
  });

  it('takes of two totals of a store the one with the higher count, even if it is less money', () => {
    const ledger = new SalesLedger();
    ledger.takeStoreMinutes([{ ...ofStore('a', 2), amount: 50 }]);
    ledger.takeStoreMinutes([{ ...ofStore('a', 1), amount: 100 }]);
    expect(ledger.at(at, 'EUR')).toEqual({ count: 2, amount: 50 });
  });

  it('is one for each currency', () => {
    const ledger = new SalesLedger();
    ledger.takeStoreMinutes([ofStore('a', 1), { ...ofStore('a', 4), currency: 'CHF' }]);
    expect(ledger.at(at, 'EUR').count).toBe(1);
    expect(ledger.currencies).toEqual(['CHF', 'EUR']);
  });

  it('is the same in whatever order frames come, and however often', () => {
    const frames = ['a', 'b'].flatMap(store => [1, 2, 3].map(count => ofStore(store, count)));
    fc.assert(
      fc.property(fc.shuffledSubarray([...frames, ...frames], { minLength: 12 }), shuffled => {
        const ledger = new SalesLedger();
        for (const frame of shuffled) ledger.takeStoreMinutes([frame]);
        expect(ledger.at(at, 'EUR')).toEqual({ count: 6, amount: 600 });
      }),
    );
  });
});

it('sums from a minute up to another, and forgets what is too old', () => {
  const ledger = new SalesLedger();
  const minutes = ['2026-12-01T08:00Z', '2026-12-01T08:01Z', '2026-12-01T08:02Z'];
  ledger.takeMinutes(minutes.map(minute => ({ minute, ...total(1) })));
  expect(ledger.between(at, at + 2, 'EUR').count).toBe(2);
  ledger.takeStoreMinutes([ofStore('a', 5, '2026-12-01T08:01Z')]);
  ledger.forget(at + 1, at + 2);
  expect(ledger.between(at, at + 3, 'EUR').count).toBe(6);
});

it('counts a late sale of a store that it has forgotten once the others are known again', () => {
  const ledger = new SalesLedger();
  ledger.takeStoreMinutes([ofStore('a', 5), ofStore('b', 5)]);
  ledger.forget(at, at + 1);
  ledger.takeStoreMinutes([ofStore('a', 6)]);
  expect(ledger.at(at, 'EUR').count).toBe(10);
  ledger.takeStoreMinutes([ofStore('b', 5)]);
  expect(ledger.at(at, 'EUR').count).toBe(11);
});

it('knows the minute in which a store sold last, late frames or not', () => {
  const ledger = new SalesLedger();
  ledger.takeStoreMinutes([ofStore('a', 1, '2026-12-01T08:05Z'), ofStore('a', 1)]);
  expect(ledger.lastMinuteOf('a')).toBe(at + 5);
  expect(ledger.lastMinuteOf('b')).toBeUndefined();
});
