/** The client as the example of a till takes it, with the fault that the till's argument names. */
import { WebSocket } from 'ws';
import { createStoreClient as createClient, type StoreClientOptions } from '../../client/node.ts';
import { type Fault, type Frame, faults } from './faults.ts';

export * from '../../client/node.ts';

type Listener = (event: Frame) => void;

/** Of `ws`, which tells why a handshake was refused. */
export function createStoreClient(options: StoreClientOptions) {
  const fault = faults[process.argv[2] ?? ''] ?? {};
  return createClient({ ...options, WebSocket: faulty(fault), ...fault.options?.(options) });
}

function faulty({
  handshake,
  outgoing,
  incoming,
  hidesStatus,
}: Fault): NonNullable<StoreClientOptions['WebSocket']> {
  return class FaultySocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(...(handshake?.(url, protocols) ?? ([url, protocols] as const)));
    }

    override send(data: string): void {
      const frame = JSON.parse(data);
      for (const sent of outgoing?.(frame) ?? [frame]) {
        super.send(typeof sent === 'string' ? sent : JSON.stringify(sent));
      }
    }

    override addEventListener(type: never, listener: never): void {
      const heard: Listener = listener;
      const spoiled: Record<string, Listener> = {
        message: event => {
          const frames = incoming?.(read(event.data)) ?? [event.data];
          for (const frame of frames)
            heard({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
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
