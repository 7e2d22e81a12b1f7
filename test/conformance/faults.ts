/** What is wrong with the till that a rule must catch, by the rule. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { memoryOutbox, type StoreClientOptions } from '../../client/node.ts';

// biome-ignore lint/suspicious/noExplicitAny: faults reach into frames at any depth.
export type Frame = any;

export interface Fault {
  options?: (options: StoreClientOptions) => Partial<StoreClientOptions>;
  handshake?: (url: string, protocols: string[]) => [url: string, protocols: string[]];
  /** What is sent in the place of a frame. */
  outgoing?: (frame: Frame) => (Frame | string)[];
  /** What is taken in the place of a frame; one that is no JSON comes as its text. */
  incoming?: (frame: Frame) => Frame[];
  /** The runtime doesn't tell why a handshake was refused. */
  hidesStatus?: boolean;
}

const givesUp: Fault = { options: () => ({ backoff: { baseMs: 1e9, capMs: 1e9 } }) };

/** What was sent, over restarts where a file is named. */
function memory(file?: string): { isNew: (id: string) => boolean } {
  const known = new Set(file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  const isNew = (id: string): boolean => {
    if (known.has(id)) return false;
    known.add(id);
    if (file !== undefined) appendFileSync(file, `${id}\n`);
    return true;
  };
  return { isNew };
}

/** Changes what a frame carries, where it carries it. */
function changing(field: 'sales' | 'updates' | 'rejected', change: (items: Frame[]) => Frame[]): Fault {
  return {
    outgoing: frame => [frame[field] === undefined ? frame : { ...frame, [field]: change(frame[field]) }],
  };
}

function sendingOnce(field: 'sales' | 'updates', id: string, file?: string): Fault {
  const { isNew } = memory(file);
  return changing(field, items => items.filter(item => isNew(item[id])));
}

const restamped = memory();

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
  'retry-forbidden': {
    hidesStatus: true,
    options: ({ managementUrl: _, ...options }) => ({ ...options, managementUrl: undefined as never }),
  },
  backoff: { options: () => ({ backoff: { baseMs: 500, capMs: 500 } }) },
  'update-applied': changing('updates', () => []),
  'receipt-repeated': sendingOnce('updates', 'id'),
  'receipt-killed': sendingOnce('updates', 'id', 'till/receipts-sent'),
  'unknown-kind': { incoming: frame => (frame.kind === 'weather.changed' ? [] : [frame]) },
  'sale-sent': changing('sales', sales => sales.map(({ loyalty: _, ...sale }) => sale)),
  'sale-repeated': changing('sales', sales =>
    sales.map(sale => (restamped.isNew(sale.saleId) ? sale : { ...sale, soldAt: new Date().toISOString() })),
  ),
  'sale-new-line': sendingOnce('sales', 'saleId'),
  'sale-killed': { options: () => ({ outbox: memoryOutbox() }) },
  'sale-answer-lost': sendingOnce('sales', 'saleId', 'till/sales-sent'),
  'sale-rejected': { incoming: frame => [frame.rejected ? { ...frame, rejected: [] } : frame] },
};
