/** A store of a REST API: it posts sales and polls for news, with a connection a request or one that is kept. */
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';

export interface PollingStoreOptions {
  storeId: string;
  /** Where the API is. */
  url: string;
  keepsConnection: boolean;
  /** A request was given a socket, which it may be the first to have. */
  onSocket?: (socket: Socket) => void;
  /** A request was made, and answered. */
  onAsked?: () => void;
  onAnswered?: () => void;
  /** An update was heard of for the first time. */
  onUpdate?: (id: string) => void;
}

export class PollingStore {
  readonly #agent: Agent | false;
  readonly #options: PollingStoreOptions;
  readonly #heardOf = new Set<string>();
  #position = 0;

  constructor(options: PollingStoreOptions) {
    this.#options = options;
    this.#agent = options.keepsConnection && new Agent({ keepAlive: true, maxSockets: 1 });
  }

  /** In one request. */
  async sell(sales: readonly object[]): Promise<void> {
    await this.#ask('POST', 'sales', JSON.stringify({ storeId: this.#options.storeId, sales }));
  }

  async poll(): Promise<void> {
    const answer = await this.#ask('GET', `updates?position=${this.#position}`);
    const { position, updates } = JSON.parse(answer) as { position: number; updates: { id: string }[] };
    this.#position = position;
    for (const { id } of updates) {
      if (!this.#heardOf.has(id)) this.#options.onUpdate?.(id);
      this.#heardOf.add(id);
    }
  }

  #ask(method: string, path: string, body = ''): Promise<string> {
    const { onAnswered, onAsked, onSocket, url } = this.#options;
    onAsked?.();
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const asked = request(new URL(path, url), { agent: this.#agent, method, headers }, response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', piece => {
          text += piece;
        });
        response.on('end', () => {
          onAnswered?.();
          if ((response.statusCode ?? 500) < 300) resolve(text);
          else reject(new Error(`${method} ${path} was answered ${response.statusCode}`));
        });
      });
      asked.on('socket', socket => onSocket?.(socket));
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
