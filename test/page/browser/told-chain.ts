/** A chain as the page is told of it: every answer of the HTTP API that it shows, made up, for as many stores as wanted. */
import type { Page, Route } from 'playwright-core';

const MINUTE_MS = 60_000;
const REGIONS = ['north', 'south', 'coast'];
const currency = 'EUR';

/** @param now milliseconds since the epoch */
export async function tell(page: Page, stores: number, now = Date.now()): Promise<void> {
  const answers = answersOf(stores, now);
  const origin = (url: URL) => /^\/(stores|updates|sales|rollouts|drift)\b/.test(url.pathname);
  await page.route(origin, (route: Route) => {
    const url = new URL(route.request().url());
    const json = answers(route.request().method(), url);
    return json === undefined ? route.continue() : route.fulfill({ json });
  });
}

function answersOf(count: number, now: number) {
  const ago = (minutes: number) => new Date(now - minutes * MINUTE_MS).toISOString();
  const stores = Array.from({ length: count }, (_, index) => ({
    storeId: String(index + 1).padStart(4, '0'),
    ...(index % 3 === 0 ? { name: `Market Street ${index + 1}` } : {}),
    region: REGIONS[index % REGIONS.length],
    groups: index % 2 === 0 ? ['city', 'mall'] : [],
    connected: index % 9 !== 4,
    since: ago(index % 9 === 4 ? 95 : 300 + index),
    lastSeenAt: ago(index % 9 === 4 ? 95 : 0),
    behind: index % 9 === 4 ? 2 : 0,
  }));
  const everyone = { validFrom: null, validUntil: null, audience: null };
  const price = (sku: string, amount: number, name: string) => ({ sku, amount, currency, name });
  const prices = [price('4311501043271', 99, 'Whole milk 1 l'), price('4006381333931', 199, 'Coffee 500 g')];
  const updates = [
    told('milk', 'price.changed', 12, { prices }),
    told('staged.wave1', 'price.changed', 31, { prices: [price('5449000000996', 119, 'Cola 1 l')] }),
    told('back', 'price.withdrawn', 55, { updates: ['slip'], restored: [] }),
    told('slip', 'price.changed', 58, { prices: [price('7622210449283', 2, 'Chocolate')] }),
    told(
      'offer',
      'offer.published',
      90,
      { offerId: 'coffee', title: 'Coffee, a fifth off', skus: ['4006381333931'], discount: { percent: 20 } },
      { validUntil: ago(-600) },
    ),
  ];
  function told(updateId: string, kind: string, minutes: number, data: object, more = {}) {
    return { summary: { updateId, kind, publishedAt: ago(minutes), ...everyone, ...more }, data };
  }
  const stateOf = (index: number) =>
    index % 9 === 4 ? 'offline' : index % 19 === 7 ? 'rejected' : 'applied';
  const deliveries = stores.map(({ storeId }, index) => {
    const state = stateOf(index);
    const reason = state === 'rejected' ? { reason: 'unknown_sku' } : {};
    return { storeId, state, at: state === 'offline' ? null : ago(11), ...reason };
  });
  const of = (state: string) => deliveries.filter(delivery => delivery.state === state).length;
  const counts = {
    ...{ targeted: count, applied: of('applied'), pending: 0, offline: of('offline') },
    ...{ rejected: of('rejected'), expired: 0, lastAppliedMs: 1_840 },
  };
  const wave = (number: number, targeted: number, applied: number, rejected: number, state: string) => ({
    ...{ number, targeted, applied, rejected, state, since: state === 'waiting' ? null : ago(31) },
  });
  const rollout = (rolloutId: string, state: string, waves: ReturnType<typeof wave>[], reason = {}) => ({
    ...{ rolloutId, kind: 'price.changed', publishedAt: ago(31), audience: null, state, since: ago(20) },
    ...{ soakMinutes: 15, minAppliedPercent: 95, maxRejectedPercent: 1, ...reason },
    waves: waves.map(one => {
      const updateId = `${rolloutId}.wave${one.number}`;
      return { ...one, updateId, updateIds: [updateId] };
    }),
  });
  const quarter = Math.ceil(count / 4);
  const halted = { reason: 'wave 1: 2 of 10 stores (20 %) refused it, more than the 1 % that may' };
  const rollouts = [
    rollout('staged', 'halted', [wave(1, 10, 8, 2, 'halted'), wave(2, quarter, 0, 0, 'waiting')], halted),
    rollout('second', 'running', [wave(1, 10, 10, 0, 'finished'), wave(2, quarter, 3, 0, 'running')]),
  ];
  const reasons = [`it reaches ${count} stores, more than 10`, 'Coffee 500 g falls by 90 %, more than 50 %'];
  const waiting = {
    ...{ updateId: 'held-1', kind: 'price.changed', publishedAt: ago(4), ...everyone },
    ...{ state: 'waiting', author: 'grace', since: ago(4), reasons },
  };
  const audit = (index: number) => ({
    ...{ store: stores[index]?.storeId ?? '', exact: 900, over: 41, under: 3, unlisted: 0 },
    ...{ overAmount: 820, underAmount: 12, currency },
  });
  const sum = (index: number) => ({
    count: 7 + (index % 5),
    amount: 7_100 + ((index * 137) % 2_900),
    currency,
  });
  const minutes = (from: number, to: number) => {
    const first = Math.ceil(Math.max(from, now - 2_900 * MINUTE_MS) / MINUTE_MS);
    const last = Math.floor(Math.min(to, now) / MINUTE_MS);
    return Array.from({ length: Math.max(0, last - first) }, (_, index) => ({
      minute: `${new Date((first + index) * MINUTE_MS).toISOString().slice(0, 16)}Z`,
      ...sum((first + index) % 97),
    }));
  };
  const totals = (query: URLSearchParams) => {
    const time = (side: string) => Date.parse(query.get(side) ?? '');
    switch (query.get('by')) {
      case 'minute':
        return minutes(time('from'), time('to'));
      case 'region':
        return REGIONS.map((region, index) => ({ region, ...sum(index) }));
      case 'sku':
        return prices.map(({ sku }, index) => ({ sku, unit: 'C62', ...sum(index) }));
      default:
        return stores
          .slice(0, count - 2)
          .map(({ storeId }, index) => ({ store: storeId, ...sum(index) }))
          .filter(({ store }) => (query.get('store') ?? store) === store);
    }
  };
  const priceOf = ({ amount, sku }: { amount: number; sku: string }) => ({
    ...{ sku, amount, currency, priceType: 'regular', updateId: 'milk', channel: 'all', since: ago(12) },
    ...{ until: null, lowest30Days: amount },
  });
  return (method: string, { pathname, searchParams }: URL): object | undefined => {
    const [room, id = '', part] = pathname.slice(1).split('/');
    if (method === 'POST') return room === 'updates' ? { updateId: 'milk' } : rollouts[0];
    const update = updates.find(({ summary }) => summary.updateId === id);
    if (room === 'rollouts') return { items: rollouts };
    if (room === 'drift') return { items: [] };
    if (room === 'sales') return { items: id === 'audit' ? [audit(0)] : totals(searchParams) };
    if (room === 'updates' && id === '')
      return { items: searchParams.get('state') === 'waiting' ? [waiting] : updates.map(one => one.summary) };
    if (id === 'staged.wave1' && part === 'delivery')
      return { updateId: id, ...counts, targeted: 10, applied: 8, offline: 0, rejected: 2, stores: [] };
    if (room === 'updates' && part === 'delivery')
      return { updateId: id, ...counts, stores: searchParams.get('limit') === '1' ? [] : deliveries };
    if (room === 'updates') return update && { ...update.summary, positions: { all: 1 }, data: update.data };
    if (room === 'stores' && id === '') return { items: stores };
    if (part === 'prices') return { items: prices.map(priceOf) };
    return undefined;
  };
}
