/**
 * What lies between one store and the chain: a WebSocket whose frames, both ways, get lost, doubled, late and out of
 * order. It also hears what is said, which is how a test knows that nothing is under way any more.
 */
import { WebSocket } from 'ws';
import type { WebSocketConstructor, WebSocketLike } from '../../client/line/connection.ts';
import type { AdjustableClock } from '../../local/cloud-clock.ts';
import type { Random } from './random.ts';

/** How likely each fate is for a frame; what is left arrives as it should. */
export interface Weather {
  lose: number;
  double: number;
  delay: number;
}

export const FAIR: Weather = { lose: 0, double: 0, delay: 0 };

export type Frame = Record<string, unknown>;
export type Direction = 'up' | 'down';

export interface NetworkOptions {
  clock: AdjustableClock;
  random: Random;
  /** Hears every frame that the chain or the store sent, whatever becomes of it. */
  heard?: (direction: Direction, frame: Frame) => void;
  /** What a frame from the chain comes to on its way, such as that of a newer version. */
  translate?: (frame: Frame) => Frame;
}

const LONGEST_DELAY_MS = 3_000;

export class UnreliableNetwork {
  weather = FAIR;
  /** So many were sent, both ways. */
  frames = 0;
  readonly WebSocket: WebSocketConstructor;
  readonly #options: NetworkOptions;
  readonly #sockets = new Set<WebSocket>();
  #handshakes = 0;
  #delayed = 0;
  /** What has come for a device that is asleep. */
  #held: (() => void)[] | undefined;
  /** Questions on lines that are open still, by line. */
  readonly #questions = new Map<WebSocket, Set<string>>();

  constructor(options: NetworkOptions) {
    this.#options = options;
    const open = (url: string, protocols: string[]): WebSocketLike => this.#open(url, protocols);
    this.WebSocket = class {
      readonly #line: WebSocketLike;

      constructor(url: string, protocols: string[]) {
        this.#line = open(url, protocols);
      }

      send(data: string): void {
        this.#line.send(data);
      }

      close(code?: number): void {
        this.#line.close(code);
      }

      addEventListener: WebSocketLike['addEventListener'] = (type, listener) =>
        this.#line.addEventListener(type, listener);
    };
  }

  /** Nothing is on its way, in either direction; a device that is asleep waits for nothing. */
  get isQuiet(): boolean {
    if (this.#held !== undefined) return true;
    const asked = [...this.#questions.values()].some(questions => questions.size > 0);
    return this.#handshakes === 0 && this.#delayed === 0 && !asked;
  }

  /** Ends every line without a close frame, as a power cut does. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** Ends every line with a close frame. */
  hangUp(): void {
    for (const socket of this.#sockets) if (socket.readyState === WebSocket.OPEN) socket.close(1000);
  }

  /** What comes waits from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** Lets in what has waited, in its order. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const arrive of held) arrive();
  }

  #open(url: string, protocols: string[]): WebSocketLike {
    const socket = new WebSocket(url, protocols);
    this.#sockets.add(socket);
    this.#handshakes += 1;
    this.#questions.set(socket, new Set());
    let isShaking = true;
    const shaken = (): void => {
      if (isShaking) this.#handshakes -= 1;
      isShaking = false;
    };
    socket.on('open', shaken);
    socket.on('error', shaken);
    socket.on('close', () => {
      shaken();
      this.#sockets.delete(socket);
      this.#questions.delete(socket);
    });
    return this.#wrap(socket);
  }

  #wrap(socket: WebSocket): WebSocketLike {
    return {
      send: data => {
        this.#hear('up', socket, data);
        this.#carry(() => {
          if (socket.readyState !== WebSocket.OPEN) return;
          // Only now: nobody answers what was lost on its way.
          this.#questions.get(socket)?.add(questionOf(JSON.parse(data) as Frame));
          socket.send(data);
        });
      },
      close: code => socket.close(code),
      addEventListener: (type, listener) => {
        if (type !== 'message') socket.addEventListener(type as 'open', listener);
        else {
          socket.on('message', data => {
            const text = String(data);
            this.#hear('down', socket, text);
            this.#carry(() => this.#letIn(() => listener({ data: this.#translated(text) })));
          });
        }
      },
    };
  }

  #hear(direction: Direction, socket: WebSocket, text: string): void {
    this.frames += 1;
    const frame = JSON.parse(text) as Frame;
    const questions = this.#questions.get(socket);
    // The gateway's own error frames answer nobody in particular: the next repeat is the next question.
    if (direction === 'down') {
      if (frame.type === 'applied.accepted') questions?.delete('applied');
      else if (frame.type === undefined || frame.type === 'error') questions?.clear();
      else questions?.delete(String(frame.requestId));
    }
    this.#options.heard?.(direction, frame);
  }

  #carry(arrive: () => void): void {
    const { random } = this.#options;
    const fate = random.next();
    const { lose, double, delay } = this.weather;
    if (fate < lose) return;
    if (fate < lose + double) {
      arrive();
      this.#late(arrive);
    } else if (fate < lose + double + delay) this.#late(arrive);
    else arrive();
  }

  #letIn(arrive: () => void): void {
    if (this.#held === undefined) arrive();
    else this.#held.push(arrive);
  }

  #translated(text: string): string {
    const { translate } = this.#options;
    return translate === undefined ? text : JSON.stringify(translate(JSON.parse(text) as Frame));
  }

  #late(arrive: () => void): void {
    this.#delayed += 1;
    this.#options.clock.after(this.#options.random.between(0, LONGEST_DELAY_MS), () => {
      this.#delayed -= 1;
      arrive();
    });
  }
}

function questionOf(frame: Frame): string {
  return frame.action === 'applied' ? 'applied' : String(frame.requestId);
}
