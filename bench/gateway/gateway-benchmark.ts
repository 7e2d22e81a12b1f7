/** (e) One message to 10,000 loopback clients until the last has it: the local gateway against a bare `ws` loop. */
import { Comparison, type Outcome } from '../benchmark.ts';
import { type Part, startPart } from '../processes.ts';

export const title = 'One 300-byte message to 10,000 loopback clients, until the last has it';

const CLIENTS = 10_000;
const ROUNDS = 7;
const YARDSTICK = 'ws, send in a loop';
const OURS = 'local gateway, a post for each';
const MESSAGE = JSON.stringify({ type: 'update', prices: 'x'.repeat(270) });

export async function run(): Promise<Outcome> {
  const comparison = new Comparison('ms', YARDSTICK);
  const servers: [name: string, server: Server][] = [];
  try {
    servers.push([YARDSTICK, await Server.start('bare-ws.ts')]);
    servers.push([OURS, await Server.start('local-gateway.ts')]);
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [name, server] of servers) {
        const milliseconds = await server.send();
        if (round > 0) comparison.add(name, milliseconds);
      }
    }
  } finally {
    for (const [, server] of servers) await server.stop();
  }
  return {
    rows: comparison.rows(),
    goals: [
      {
        what: 'local gateway to 10,000 clients, times the time of a bare ws loop',
        value: 1 / comparison.timesLess(OURS),
        unit: '×',
        must: 1.5,
        moonshot: 1.15,
        better: 'less',
      },
    ],
  };
}

/** A server and its clients, each in a process. */
class Server {
  readonly #server: Part;
  readonly #clients: Part;

  private constructor(server: Part, clients: Part) {
    this.#server = server;
    this.#clients = clients;
  }

  static async start(module: string): Promise<Server> {
    const server = startPart(new URL(module, import.meta.url));
    const url = (await server.ask('url')) as string;
    const args = [url, String(CLIENTS)];
    const clients = startPart(new URL('clients.ts', import.meta.url), { args });
    await clients.ask('connect');
    return new Server(server, clients);
  }

  /** @returns milliseconds */
  async send(): Promise<number> {
    const arrival = this.#clients.ask('await') as Promise<string>;
    const startedAt = (await this.#server.ask({ send: MESSAGE })) as string;
    return Number(BigInt(await arrival) - BigInt(startedAt)) / 1e6;
  }

  async stop(): Promise<void> {
    await this.#clients.stop();
    await this.#server.stop();
  }
}
