/** Mosquitto over WebSocket: persistent sessions, QoS 1, and, by MQTT 5, an end for what is no longer of use. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../free-port.ts';
import type { Peer, PeerOptions, Server, Store, Update } from './peer.ts';
import { startProgram } from './server-process.ts';

const TOPIC = 'updates';
const SESSION_SECONDS = 3_600;

/** What is used of the package, which is installed for the run alone. */
interface Mqtt {
  connectAsync(url: string, options: object): Promise<MqttClient>;
}
interface MqttClient {
  on(event: 'message', listener: (topic: string, payload: Buffer) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  subscribeAsync(topic: string, options: { qos: 1 }): Promise<unknown>;
  publishAsync(topic: string, payload: string, options: { qos: 1; properties?: object }): Promise<unknown>;
}

export class MosquittoPeer implements Peer {
  readonly #data: string;
  readonly #program: string;
  readonly #mqtt: Mqtt;
  #publisher: MqttClient | undefined;

  constructor({ dataDirectory, packages }: PeerOptions, program: string) {
    this.#data = dataDirectory;
    this.#program = program;
    this.#mqtt = createRequire(join(packages, 'package.json'))('mqtt') as Mqtt;
  }

  async start(): Promise<Server> {
    const [port, nativePort] = await Promise.all([freePort(), freePort()]);
    const file = join(this.#data, 'mosquitto.conf');
    writeFileSync(
      file,
      [
        // Mosquitto 2.0 doesn't start with a WebSocket listener alone.
        `listener ${nativePort} 127.0.0.1`,
        `listener ${port} 127.0.0.1`,
        'protocol websockets',
        'allow_anonymous true',
        // What was started by root would become another user, who may not write here.
        `user ${userInfo().username}`,
        'persistence true',
        `persistence_location ${this.#data}/`,
        // By default it saves each half an hour: a server that is killed would have lost what was queued since then.
        'autosave_interval 1',
        'autosave_on_changes true',
        '',
      ].join('\n'),
    );
    const server = await startProgram(this.#program, ['-c', file], port);
    this.#publisher = await this.#connectTo(`mqtt://127.0.0.1:${nativePort}`, 'publisher', false);
    return server;
  }

  async connect({ handle, id, port }: Store): Promise<void> {
    const client = await this.#connectTo(`ws://127.0.0.1:${port}`, id, true);
    client.on('message', (_, payload) => handle((JSON.parse(String(payload)) as Update).number));
    await client.subscribeAsync(TOPIC, { qos: 1 });
  }

  async publish({ endsAt, number }: Update): Promise<void> {
    if (this.#publisher === undefined) throw new Error('the server has not started yet');
    // Whole seconds.
    const end =
      endsAt === undefined ? undefined : { messageExpiryInterval: Math.round((endsAt - Date.now()) / 1_000) };
    await this.#publisher.publishAsync(TOPIC, JSON.stringify({ number, endsAt }), {
      qos: 1,
      ...(end === undefined ? {} : { properties: end }),
    });
  }

  async #connectTo(url: string, clientId: string, isLasting: boolean): Promise<MqttClient> {
    const client = await this.#mqtt.connectAsync(url, {
      clientId,
      protocolVersion: 5,
      clean: !isLasting,
      ...(isLasting ? { properties: { sessionExpiryInterval: SESSION_SECONDS } } : {}),
    });
    // It reconnects by itself.
    client.on('error', () => {});
    return client;
  }
}
