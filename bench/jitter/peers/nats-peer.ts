/** NATS JetStream over WebSocket: a stream in a file, and for each store a durable consumer that acknowledges each update. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort } from '../../free-port.ts';
import type { Peer, PeerOptions, Server, Store, Update } from './peer.ts';
import { startProgram } from './server-process.ts';

const STREAM = 'updates';
/** A store acknowledges at once, so what is open by then was cut off; by default that takes half a minute. */
const ACK_WAIT_NANOSECONDS = 5_000_000_000;

/** What is used of the packages, which are installed for the run alone. */
interface NatsCore {
  wsconnect(options: { servers: string; maxReconnectAttempts: number }): Promise<object>;
}
interface JetStream {
  jetstream(connection: object): {
    publish(subject: string, payload: string, options: { msgID: string }): Promise<unknown>;
    consumers: { get(stream: string, name: string): Promise<Consumer> };
  };
  jetstreamManager(connection: object): Promise<{
    streams: { add(config: object): Promise<unknown> };
    consumers: {
      add(stream: string, config: object): Promise<unknown>;
      list(stream: string): AsyncIterable<{ ack_floor: { stream_seq: number } }>;
    };
  }>;
}
interface Consumer {
  consume(options: { callback: (message: { json(): Update; ack(): void }) => void }): Promise<unknown>;
}

export class NatsPeer implements Peer {
  readonly #data: string;
  readonly #program: string;
  readonly #core: NatsCore;
  readonly #jetStream: JetStream;
  #publisher: object | undefined;

  constructor({ dataDirectory, packages }: PeerOptions, program: string) {
    this.#data = dataDirectory;
    this.#program = program;
    const load = createRequire(join(packages, 'package.json'));
    this.#core = load('@nats-io/nats-core') as NatsCore;
    this.#jetStream = load('@nats-io/jetstream') as JetStream;
  }

  async start(): Promise<Server> {
    const [port, tcpPort] = await Promise.all([freePort(), freePort()]);
    const file = join(this.#data, 'nats.conf');
    writeFileSync(
      file,
      [
        `listen: "127.0.0.1:${tcpPort}"`,
        `jetstream { store_dir: "${this.#data}" }`,
        `websocket { listen: "127.0.0.1:${port}", no_tls: true }`,
      ].join('\n'),
    );
    const server = await startProgram(this.#program, ['--config', file], port);
    const isFirst = this.#publisher === undefined;
    this.#publisher = await this.#connectTo(port);
    if (isFirst) {
      const manager = await this.#jetStream.jetstreamManager(this.#publisher);
      await manager.streams.add({ name: STREAM, subjects: [STREAM] });
    }
    return server;
  }

  async connect({ handle, id, port }: Store): Promise<void> {
    const connection = await this.#connectTo(port);
    const manager = await this.#jetStream.jetstreamManager(connection);
    const config = { durable_name: id, ack_policy: 'explicit', ack_wait: ACK_WAIT_NANOSECONDS };
    await manager.consumers.add(STREAM, config);
    const consumer = await this.#jetStream.jetstream(connection).consumers.get(STREAM, id);
    await consumer.consume({
      callback: message => {
        handle(message.json().number);
        message.ack();
      },
    });
  }

  async publish(update: Update): Promise<void> {
    const client = this.#jetStream.jetstream(this.#connected);
    await client.publish(STREAM, JSON.stringify(update), { msgID: String(update.number) });
  }

  /** Each consumer says up to where it has acknowledged all; the stream numbers the updates from 1 on, as they are. */
  async receipts(numbers: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const manager = await this.#jetStream.jetstreamManager(this.#connected);
    const acknowledged = new Map(numbers.map(number => [number, 0]));
    for await (const { ack_floor } of manager.consumers.list(STREAM)) {
      for (const [number, stores] of acknowledged) {
        if (number <= ack_floor.stream_seq) acknowledged.set(number, stores + 1);
      }
    }
    return acknowledged;
  }

  #connectTo(port: number): Promise<object> {
    return this.#core.wsconnect({ servers: `ws://127.0.0.1:${port}`, maxReconnectAttempts: -1 });
  }

  get #connected(): object {
    if (this.#publisher === undefined) throw new Error('the server has not started yet');
    return this.#publisher;
  }
}
