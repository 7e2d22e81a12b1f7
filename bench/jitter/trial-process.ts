/** The stores and the publisher of one peer, in a process of their own; its server is another one, which ends with it. */
import { answerQuestions } from '../processes.ts';
import type { Peer, PeerOptions } from './peers/peer.ts';
import { JitterTrial } from './trial.ts';
import { figuresOf } from './trial-figures.ts';

export type PeerName = 'storecast' | 'socket-io' | 'socket-io-log' | 'nats' | 'mosquitto';

const [name = '', dataDirectory = '', packages = '', own = ''] = process.argv.slice(2);

/** Each is loaded alone: what one imports is no other's memory. `own` is what it needs besides: an assembly, a program. */
const peers: Record<PeerName, (options: PeerOptions) => Promise<Peer>> = {
  storecast: async options => new (await import('./peers/storecast-peer.ts')).StorecastPeer(options, own),
  'socket-io': async options =>
    new (await import('./peers/socket-io-peer.ts')).SocketIoPeer(options, { log: false }),
  'socket-io-log': async options =>
    new (await import('./peers/socket-io-peer.ts')).SocketIoPeer(options, { log: true }),
  nats: async options => new (await import('./peers/nats-peer.ts')).NatsPeer(options, own),
  mosquitto: async options => new (await import('./peers/mosquitto-peer.ts')).MosquittoPeer(options, own),
};

// Servers are ended where this process ends in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

answerQuestions(async ({ stores }: { stores: number }) => {
  const peer = await peers[name as PeerName]({ dataDirectory, packages });
  return figuresOf(await new JitterTrial(peer).run(stores));
});
