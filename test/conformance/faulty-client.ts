/** The client as the example of a till takes it, with the fault that the till's argument names. */
import { WebSocket } from 'ws';
import { createStoreClient as createClient, type StoreClientOptions } from '../../client/node.ts';
import { type Fault, type Frame, faults, type Wire } from './faults.ts';
import { liberties } from './liberties.ts';

export * from '../../client/node.ts';

type Listener = (event: Frame) => void;
type Socket = NonNullable<StoreClientOptions['WebSocket']>;

/** Of `ws`, which tells why a handshake was refused. */
export function createStoreClient(options: StoreClientOptions) {
  const [, , name = ''] = process.argv;
  const fault = faults[name] ?? liberties[name]?.till ?? {};
  return createClient({ ...options, WebSocket: faulty(fault), ...fault.options?.(options) });
}

function faulty({ handshake, outgoing, incoming, closed, hidesStatus }: Fault): Socket {
  return class FaultySocket extends WebSocket {
    readonly #wire: Wire = {
      send: frame => super.send(JSON.stringify(frame)),
      terminate: () => this.terminate(),
    };

    constructor(url: string, protocols: string[]) {
      super(...(handshake?.(url, protocols) ?? ([url, protocols] as const)));
    }

    override send(data: string): void {
      const frame = JSON.parse(data);
      for (const sent of outgoing?.(frame, this.#wire) ?? [frame]) this.#wire.send(sent);
    }

    override addEventListener(type: never, listener: never): void {
      const heard: Listener = listener;
      const spoiled: Record<string, Listener> = {
        message: ({ data }) => {
          const frames = incoming?.(read(data), this.#wire) ?? [data];
          for (const frame of frames)
            heard({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
        },
        close: ({ code, reason }) => {
          if (!closed?.(code)) heard({ code, reason });
        },
        error: ({ message }) => heard({ message: hidesStatus ? '' : message }),
      };
      super.addEventListener(type, (spoiled[type] ?? heard) as never);
    }
  };
}

/** Scenarios send what is no JSON, too. */
function read(text: string): Frame {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
