/** What is wrong with the till that a rule must catch, by the rule. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { memoryOutbox, memoryStorage, type StoreClientOptions } from '../../client/node.ts';
import { systemClock } from '../../client/time/clock.ts';

// biome-ignore lint/suspicious/noExplicitAny: faults reach into frames at any depth.
export type Frame = any;

/** The connection itself, past the fault. */
export interface Wire {
  send: (frame: Frame) => void;
  terminate: () => void;
}

export interface Fault {
  options?: (options: StoreClientOptions) => Partial<StoreClientOptions>;
  handshake?: (url: string, protocols: string[]) => [url: string, protocols: string[]];
  /** What is sent in the place of a frame. */
  outgoing?: (frame: Frame, wire: Wire) => Frame[];
  /** What is taken in the place of a frame; one that is no JSON comes as its text. */
  incoming?: (frame: Frame, wire: Wire) => Frame[];
  /** Whether an end with this close code goes unnoticed. */
  closed?: (code: number) => boolean;
  /** The runtime doesn't tell why a handshake was refused. */
  hidesStatus?: boolean;
}

/** What was sent, over restarts where a file is named. */
function memory(file?: string): { isNew: (id: string) => boolean; has: (id: string) => boolean } {
  const known = new Set(file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  const isNew = (id: string): boolean => {
    if (known.has(id)) return false;
    known.add(id);
    if (file !== undefined) appendFileSync(file, `${id}\n`);
    return true;
  };
  return { isNew, has: id => known.has(id) };
}

/** Takes these frames for nothing. */
function deafTo(isMeant: (frame: Frame) => boolean): Fault {
  return { incoming: frame => (isMeant(frame) ? [] : [frame]) };
}

/** Changes frames as they come; answers of both kinds and what is in them. */
function taking(change: (frame: Frame) => Frame): Fault {
  return { incoming: frame => [change(frame)] };
}

/** Changes updates as they come, posted or in the answer to a sync. */
function takingUpdates(change: (update: Frame) => Frame): Fault {
  return taking(frame => {
    if (frame.type === 'update') return { ...frame, ...change(frame) };
    if (!Array.isArray(frame.updates)) return frame;
    return { ...frame, updates: frame.updates.map((one: Frame) => ({ ...one, ...change(one) })) };
  });
}

/** Changes what a frame carries, where it carries it. */
function sending(field: 'sales' | 'updates', change: (items: Frame[]) => Frame[]): Fault {
  return {
    outgoing: frame => [frame[field]?.length ? { ...frame, [field]: change(frame[field]) } : frame],
  };
}

function sendingOnce(field: 'sales' | 'updates', id: string, file?: string): Fault {
  const { isNew } = memory(file);
  return sending(field, items => items.filter(item => isNew(item[id])));
}

/** Changes the syncs that ask from positions. */
function syncing(change: (frame: Frame) => Frame): Fault {
  return {
    outgoing: frame => [frame.action === 'sync' && frame.cursor === undefined ? change(frame) : frame],
  };
}

/** Changes where a till says that it stands, once something has come that it should not believe. */
function believing(isMeant: (frame: Frame) => boolean, position: number): Fault {
  let believes = false;
  return {
    ...syncing(frame => (believes ? { ...frame, positions: { ...frame.positions, all: position } } : frame)),
    incoming: frame => {
      believes ||= isMeant(frame);
      return [frame];
    },
  };
}

function saving(change: (text: string) => string): Fault {
  return {
    options: ({ storage = memoryStorage() }) => ({
      storage: {
        load: async () => change((await storage.load()) ?? '') || undefined,
        save: state => storage.save(state),
      },
    }),
  };
}

function fetching(change: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch): Fault {
  return {
    options: () => {
      globalThis.fetch = change(globalThis.fetch);
      return {};
    },
  };
}

const HOUR_MS = 3_600_000;
const later = (time: string | null | undefined) =>
  time == null ? null : new Date(Date.parse(time) + HOUR_MS).toISOString();
const isUpdate = (frame: Frame) => frame.type === 'update';
const isError = (frame: Frame) => frame.type === 'error';

const givesUp: Fault = { options: () => ({ backoff: { baseMs: 1e9, capMs: 1e9 } }) };
const hurries: Fault = { options: () => ({ backoff: { baseMs: 500, capMs: 500 } }) };
const renewsNothing: Fault = { options: () => ({ managementUrl: undefined as never }) };
const ownClock = taking(frame =>
  frame.serverTime === undefined ? frame : { ...frame, serverTime: new Date().toISOString() },
);
const ownZone = taking(({ timeZone: _, ...frame }) => frame);
const endsLate = takingUpdates(({ validUntil, validUntilLocal }) => ({
  validUntil: later(validUntil ?? (validUntilLocal && '2099-01-01')),
  validUntilLocal: undefined,
}));
const beginsAtOnce = takingUpdates(() => ({ validFrom: null }));
const deafToClosing = deafTo(({ type }) => type === 'closing');
const deafToErrors = deafTo(isError);
const startedAt = Date.now();
const slowToSay = (field: 'sales' | 'updates') =>
  sending(field, items => (Date.now() - startedAt < 20_000 ? [] : items));
/** Of updates that come one after the other, the later one wins. */
const byArrival = (() => {
  let arrivals = Date.now();
  return takingUpdates(() => {
    arrivals += 1;
    return { publishedAt: new Date(arrivals).toISOString() };
  });
})();
/** Puts each page of a new whole in force as it comes. */
const pageByPage: Fault = {
  incoming: frame => (frame.recovered === false ? [...frame.updates, frame] : [frame]),
};
const restamped = memory();
const seen = memory();
const syncedOn = new WeakSet<Wire>();
const arrived = memory('till/arrived');
let wholeUnderWay = false;
let cursor: string | undefined;

export const faults: Readonly<Record<string, Fault>> = {
  'connect-token': {
    handshake: (url, protocols) => [`${url}?token=${protocols[1]?.slice('bearer.'.length)}`, protocols],
  },
  'connect-once': {
    handshake: (url, protocols) => {
      setTimeout(() => new WebSocket(url, protocols), 1_000);
      return [url, protocols];
    },
  },
  'line-names': {
    handshake: (url, protocols) => [url, protocols.map(one => (one.startsWith('line.') ? 'line.till' : one))],
  },
  'retry-refused': givesUp,
  'retry-unreachable': givesUp,
  'retry-unauthorized': givesUp,
  'retry-forbidden': { ...renewsNothing, hidesStatus: true },
  backoff: hurries,
  jitter: { options: () => ({ random: () => 0.5 }) },

  'close-1001': { closed: code => code === 1001 },
  'close-1000': { closed: code => code === 1000 },
  'close-1006': { closed: code => code === 1006 },
  'replaced-away': deafToClosing,
  'replaced-own': taking(frame => (frame.type === 'closing' ? { ...frame, by: 'somebody-else' } : frame)),
  'revoked-away': deafToClosing,
  'revoked-restored': taking(frame =>
    frame.type === 'closing' ? { ...frame, reason: 'replaced', by: 'x' } : frame,
  ),
  'ping-unanswered': { outgoing: frame => (frame.action === 'ping' ? [] : [frame]) },
  'half-open': { options: () => ({ pongTimeoutMs: 1e9 }) },
  'busy-chain': {
    outgoing: (frame, wire) => {
      if (frame.sales?.length) setTimeout(wire.terminate, 8_000);
      return [frame];
    },
  },
  'handshake-hangs': {
    options: () => ({
      clock: {
        ...systemClock,
        after: (ms, task) => systemClock.after(ms === 30_000 ? HOUR_MS : ms, task),
      },
    }),
  },
  'backoff-short-lived': hurries,

  'token-renewed': renewsNothing,
  'token-kept': { options: () => ({ onToken: () => {} }) },
  'token-renew-at': fetching(fetch => async (...question) => {
    const { renewAt: _, ...answer } = (await (await fetch(...question)).json()) as Frame;
    return Response.json(answer);
  }),
  'token-retried': fetching(fetch => {
    let times = 0;
    return (...question) => {
      times += 1;
      return times > 1 ? Promise.reject(new Error('gives up')) : fetch(...question);
    };
  }),
  'token-chain-time': ownClock,

  'sync-first': {
    outgoing: frame => [...(frame.action === 'sync' ? [{ action: 'ping' }] : []), frame],
  },
  'sync-from-start': syncing(frame => ({ ...frame, positions: { all: 1 } })),
  'sync-from-saved': syncing(({ positions: _, ...frame }) => frame),
  'state-killed': { options: () => ({ storage: memoryStorage() }) },
  'state-one-write': {
    ...syncing(frame => {
      const ahead = [4, 3, 2, 1].find(position => arrived.has(String(position))) ?? 0;
      return { ...frame, positions: { ...frame.positions, all: ahead } };
    }),
    incoming: frame => {
      if (!isUpdate(frame)) return [frame];
      arrived.isNew(String(frame.positions.all));
      return [];
    },
  },
  'sync-more': taking(frame => (frame.more ? { ...frame, more: false } : frame)),
  'sync-unanswered': {
    outgoing: (frame, wire) => {
      if (frame.action !== 'sync') return [frame];
      if (syncedOn.has(wire)) return [];
      syncedOn.add(wire);
      return [frame];
    },
  },
  'sync-rate-limited': deafToErrors,
  'sync-internal': deafToErrors,
  'answer-unasked': believing(({ requestId }) => requestId === 'nobody-asked', 9),
  'pong-ahead': deafTo(({ type }) => type === 'pong'),
  'pong-behind': believing(({ type }) => type === 'pong', 0),
  moved: taking(frame =>
    frame.positions === undefined
      ? frame
      : JSON.parse(JSON.stringify(frame).replaceAll('region/south', 'region/north')),
  ),

  'whole-cursor': {
    outgoing: frame => [frame.cursor === undefined ? frame : { ...frame, positions: { all: 2 } }],
  },
  'whole-holds': pageByPage,
  'whole-replaces': {
    incoming: frame => {
      if (frame.recovered !== false || frame.more) return [frame];
      const publishedAt = new Date().toISOString();
      const data = { prices: [{ sku: 'B', amount: 200, currency: 'EUR' }] };
      const positions = { all: frame.positions.all + 1 };
      const kept = { type: 'update', id: 'kept', kind: 'price.changed', positions, publishedAt };
      return [{ ...kept, validFrom: null, validUntil: null, data }, frame];
    },
  },
  'whole-receipts': {
    incoming: (frame, wire) => {
      if (frame.recovered === false) {
        const appliedAt = new Date().toISOString();
        wire.send({ action: 'applied', updates: frame.updates.map(({ id }: Frame) => ({ id, appliedAt })) });
      }
      return [frame];
    },
  },
  'whole-broken': {
    ...syncing(({ positions, ...frame }) => ({ ...frame, ...(cursor ? { cursor } : { positions }) })),
    incoming: frame => {
      cursor = frame.cursor ?? cursor;
      return [frame];
    },
  },
  'whole-killed': pageByPage,
  'whole-live': {
    incoming: frame => {
      if (frame.type === 'synced') wholeUnderWay = frame.recovered === false && frame.more;
      return wholeUnderWay && isUpdate(frame) ? [] : [frame];
    },
  },
  'whole-cursor-refused': deafToErrors,

  'gap-synced': taking(frame =>
    isUpdate(frame) && frame.positions.all === 3 ? { ...frame, positions: { all: 2 } } : frame,
  ),
  'gap-waits': {
    incoming: (frame, wire) => {
      if (isUpdate(frame) && frame.positions.all === 2) wire.send({ action: 'sync' });
      return [frame];
    },
  },
  duplicate: {
    incoming: (frame, wire) => {
      const isSeen = isUpdate(frame) && !seen.isNew(frame.id);
      const appliedAt = new Date().toISOString();
      if (isSeen) wire.send({ action: 'applied', updates: [{ id: frame.id, appliedAt }] });
      return [frame];
    },
  },
  'duplicate-receipt': sending('updates', updates =>
    updates.map(({ id }) => ({ id, appliedAt: new Date().toISOString() })),
  ),
  'seen-in-one': taking(frame => {
    if (!isUpdate(frame) || Object.keys(frame.positions).length < 2) return frame;
    const { all: _, ...positions } = frame.positions;
    return { ...frame, positions };
  }),
  'foreign-channel': taking(frame => (isUpdate(frame) ? { ...frame, positions: { all: 1 } } : frame)),
  'foreign-position': believing(isUpdate, 7),

  'update-applied': sending('updates', () => []),
  'receipt-repeated': sendingOnce('updates', 'id'),
  'receipt-killed': sendingOnce('updates', 'id', 'till/receipts-sent'),
  'unknown-kind': deafTo(({ kind }) => kind === 'weather.changed'),

  'version-late': byArrival,
  'version-id': byArrival,
  'version-effective': beginsAtOnce,
  'version-scheduled': beginsAtOnce,
  'version-ended': takingUpdates(() => ({ validUntil: null })),
  'version-type': taking(frame =>
    JSON.parse(JSON.stringify(frame).replaceAll('"priceType":"member"', '"x":1')),
  ),
  'price-withdrawn': takingUpdates(({ data }) => ({
    data: data.updates ? { ...data, updates: data.updates.slice(0, 1) } : data,
  })),
  'data-wrong': deafTo(frame => typeof frame.data?.prices === 'string'),
  'offer-ends': endsLate,
  'offer-withdrawn': takingUpdates(({ kind }) => ({
    kind: kind === 'offer.withdrawn' ? 'offer.forgotten' : kind,
  })),
  'offer-version': byArrival,

  'expired-posted': endsLate,
  'expired-synced': endsLate,
  'clock-behind': ownClock,
  'clock-ahead': ownClock,
  'clock-start': ownClock,
  'clock-end': ownClock,
  'clock-receipt': ownClock,
  'clock-kept': saving(text => text.replace(/"chainTime":"[^"]*"/, '"chainTime":null')),
  'local-start': ownZone,
  'local-end': ownZone,
  'local-kept': saving(text => text.replaceAll('Asia/Tokyo', 'Europe/Berlin')),

  'sale-sent': sending('sales', sales => sales.map(({ loyalty: _, ...sale }) => sale)),
  'sale-repeated': sending('sales', sales =>
    sales.map(sale => (restamped.isNew(sale.saleId) ? sale : { ...sale, soldAt: new Date().toISOString() })),
  ),
  'sale-new-line': sendingOnce('sales', 'saleId'),
  'sale-killed': { options: () => ({ outbox: memoryOutbox() }) },
  'sale-answer-lost': sendingOnce('sales', 'saleId', 'till/sales-sent'),
  'sale-rejected': taking(frame => (frame.rejected ? { ...frame, rejected: [] } : frame)),
  'sale-accepted': taking(frame => (frame.saleIds ? { ...frame, saleIds: [] } : frame)),
  'sale-internal': deafToErrors,
  'sale-invalid-frame': deafToErrors,
  'sale-in-future': taking(frame =>
    frame.rejected?.length ? { ...frame, rejected: [{ ...frame.rejected[0], code: 'invalid_sale' }] } : frame,
  ),

  'frame-unknown': {
    incoming: (frame, wire) => {
      if (frame.type === 'weather') wire.terminate();
      return [frame];
    },
  },
  'frame-unreadable': {
    incoming: (frame, wire) => {
      if (typeof frame === 'string') wire.terminate();
      return [frame];
    },
  },
  'fields-unknown': deafTo(frame => isUpdate(frame) && 'ofLater' in frame),
  'synced-broken-update': taking(frame => (frame.updates?.length ? { ...frame, updates: [] } : frame)),
  'gateway-error': sendingOnce('sales', 'saleId'),
  'gateway-error-ping': deafTo(frame => frame?.connectionId !== undefined),
  'frame-size': sending('sales', sales => sales.map(sale => ({ ...sale, note: '€'.repeat(11_000) }))),
  'frame-sales': sending('sales', sales => Array.from({ length: 51 }, () => sales[0])),
  'frame-same-id': sending('sales', sales => sales.flatMap(sale => [sale, { ...sale, till: '2' }])),
  'frame-receipts': sending('updates', updates => Array.from({ length: 101 }, () => updates[0])),

  'pace-watched': slowToSay('sales'),
  'receipts-now': slowToSay('updates'),
  'stop-sends': {
    options: () => {
      process.stdin.prependListener('data', data => {
        if (String(data).includes('"stop"')) process.exit();
      });
      return {};
    },
  },
  'report-unknown': deafTo(({ code }) => code === 'unknown_action'),
};
