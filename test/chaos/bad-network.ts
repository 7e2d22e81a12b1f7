/** What lies between one store and the chain: frames get lost, doubled, late and out of order, and lines are cut. */
import { WebSocket } from 'ws';
import type { WebSocketConstructor, WebSocketLike } from '../../client/line/connection.ts';
import type { Random } from './random.ts';

/** How likely each fate is for a frame; what is left arrives as it should. */
export interface Weather {
  lose: number;
  double: number;
  late: number;
  /** The store takes nothing from its socket: what is posted stays in buffers on the way. */
  isUnread: boolean;
}

export const FAIR: Weather = { lose: 0, double: 0, late: 0, isUnread: false };
const LATEST_MS = 2_000;

export class BadNetwork {
  #weather = FAIR;
  readonly WebSocket: WebSocketConstructor;
  readonly #random: Random;
  readonly #count: (what: string) => void;
  readonly #sockets = new Set<WebSocket>();

  constructor(random: Random, count: (what: string) => void) {
    this.#random = random;
    this.#count = count;
    const open = (url: string, protocols: string[]): WebSocketLike => this.#open(url, protocols);
    this.WebSocket = class {
      // A constructor that answers an object is that object: the line in disguise.
      constructor(url: string, protocols: string[]) {
        // biome-ignore lint/correctness/noConstructorReturn: see above
        return open(url, protocols);
      }
    } as WebSocketConstructor;
  }

  set weather(weather: Weather) {
    this.#weather = weather;
    for (const socket of this.#sockets) this.#letRead(socket);
  }

  /** Ends the line without a close frame, as a power cut does. */
  cut(): void {
    for (const socket of this.#sockets) {
      this.#count('lines cut');
      socket.terminate();
    }
  }

  #open(url: string, protocols: string[]): WebSocketLike {
    const socket = new WebSocket(url, protocols);
    this.#sockets.add(socket);
    socket.on('open', () => this.#letRead(socket));
    socket.on('close', () => this.#sockets.delete(socket));
    // `ws` tells of a refused handshake by an error, too; the client listens to it once it has the socket.
    socket.on('error', () => this.#sockets.delete(socket));
    return {
      send: data =>
        this.#carry(() => {
          if (socket.readyState === WebSocket.OPEN) socket.send(data);
        }),
      close: code => socket.close(code),
      addEventListener: (type, listener) => {
        if (type !== 'message') socket.addEventListener(type as 'open', listener);
        else socket.on('message', data => this.#carry(() => listener({ data: String(data) })));
      },
    };
  }

  #letRead(socket: WebSocket): void {
    if (socket.readyState !== WebSocket.OPEN || this.#weather.isUnread === socket.isPaused) return;
    if (socket.isPaused) socket.resume();
    else {
      this.#count('lines that are not read');
      socket.pause();
    }
  }

  #carry(arrive: () => void): void {
    const { double, late, lose } = this.#weather;
    const fate = this.#random.next();
    if (fate < lose) this.#count('frames lost');
    else if (fate < lose + double) {
      this.#count('frames doubled');
      arrive();
      this.#arriveLate(arrive);
    } else if (fate < lose + double + late) {
      this.#count('frames late');
      this.#arriveLate(arrive);
    } else arrive();
  }

  #arriveLate(arrive: () => void): void {
    setTimeout(arrive, this.#random.between(0, LATEST_MS)).unref();
  }
}
