/** A store as bare as the protocol allows: a line, questions with their answers, and the updates that come in between. */
import { type RawData, WebSocket } from 'ws';

export interface AnswerFrame {
  type: string;
  requestId?: string;
  code?: string;
  [field: string]: unknown;
}

/** The handshake was answered by a status. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  constructor(status: number) {
    super(`the handshake was answered ${status}`);
    this.status = status;
  }
}

/** The gateway itself answered a frame: its function was throttled, timed out or failed. */
export class FrameFailedError extends Error {
  override readonly name = 'FrameFailedError';
}

interface Question {
  answered: (answer: AnswerFrame) => void;
  failed: (error: FrameFailedError) => void;
}

export class BareStore {
  readonly #socket: WebSocket;
  readonly #asked = new Map<string, Question>();
  #lastRequest = 0;
  /** Ids of the updates that were pushed, repeats included. */
  readonly pushed: string[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', data => this.#take(data));
  }

  /** @throws RefusedError */
  static async connect(url: string, token: string): Promise<BareStore> {
    const socket = new WebSocket(url, ['storecast.v1', `bearer.${token}`]);
    const store = new BareStore(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.on('error', reject);
      socket.once('unexpected-response', (request, response) => {
        reject(new RefusedError(response.statusCode ?? 0));
        request.destroy();
      });
    });
    return store;
  }

  /** Any number of questions may be open at once. @throws FrameFailedError in all of them where one of them failed */
  ask(frame: object): Promise<AnswerFrame> {
    this.#lastRequest += 1;
    const requestId = String(this.#lastRequest);
    this.#socket.send(JSON.stringify({ ...frame, requestId }));
    return new Promise((answered, failed) => this.#asked.set(requestId, { answered, failed }));
  }

  end(): void {
    this.#socket.terminate();
  }

  #take(data: RawData): void {
    const frame = JSON.parse(String(data)) as AnswerFrame;
    if (frame.type === 'update') this.pushed.push(String(frame.id));
    if (frame.type === undefined) {
      this.#fail(new FrameFailedError(`a frame failed: ${String(data)}`));
      return;
    }
    const { requestId = '' } = frame;
    this.#asked.get(requestId)?.answered(frame);
    this.#asked.delete(requestId);
  }

  /** The gateway's own answer carries an id of its own, and doesn't say whose frame it was. */
  #fail(error: FrameFailedError): void {
    for (const { failed } of this.#asked.values()) failed(error);
    this.#asked.clear();
  }
}
