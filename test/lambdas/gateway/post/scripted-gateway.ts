/** A server that answers posts in whatever way a test says, plain or by TLS, and takes down what it saw. */
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { localhostCertificate } from '../../../../bench/localhost-certificate.ts';

export interface SeenRequest {
  connectionId: string;
  text: string;
  body: string;
  /** The server's sockets in the order in which they came. */
  socketNumber: number;
}

export interface ScriptedGateway {
  /** With the stage. */
  endpoint: string;
  url: URL;
  requests: SeenRequest[];
  sockets: Socket[];
  /** Sockets that resumed a TLS session. */
  resumed: number;
  /** More than one request was on a socket at the same time. */
  pipelined: boolean;
}

export type Answerer = (request: SeenRequest, socket: Socket, answered: () => void) => void;

export function httpAnswer(status: number, headers: Record<string, string> = {}, body = ''): string {
  const lines = Object.entries({ 'Content-Length': String(body.length), ...headers });
  return `HTTP/1.1 ${status} X\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/** Answers every post with this at once. */
export function always(answer: string): Answerer {
  return (_request, socket, answered) => {
    answered();
    socket.write(answer);
  };
}

/** Ends with the test. */
export async function startGateway(protocol: 'http' | 'https', answer: Answerer): Promise<ScriptedGateway> {
  const gateway: ScriptedGateway = {
    endpoint: '',
    url: new URL('http://localhost'),
    requests: [],
    sockets: [],
    resumed: 0,
    pipelined: false,
  };
  const serve = (socket: Socket): void => {
    const socketNumber = gateway.sockets.push(socket) - 1;
    if ('isSessionReused' in socket && (socket as TLSSocket).isSessionReused()) gateway.resumed += 1;
    let received = '';
    let underWay = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', piece => {
      received += piece.toString('latin1');
      for (let end = requestEnd(received); end > 0; end = requestEnd(received)) {
        const request = parseRequest(received.slice(0, end), socketNumber);
        received = received.slice(end);
        underWay += 1;
        if (underWay > 1) gateway.pipelined = true;
        gateway.requests.push(request);
        answer(request, socket, () => {
          underWay -= 1;
        });
      }
    });
  };
  const server =
    protocol === 'https' ? createTlsServer(localhostCertificate, serve) : createPlainServer(serve);
  if (protocol === 'https') setDefaultCACertificates([localhostCertificate.cert]);
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve));
  onTestFinished(async () => {
    for (const socket of gateway.sockets) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  });
  gateway.endpoint = `${protocol}://localhost:${(server.address() as AddressInfo).port}/prod`;
  gateway.url = new URL(gateway.endpoint);
  return gateway;
}

function requestEnd(received: string): number {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return 0;
  const length = Number(/content-length: *(\d+)/i.exec(received.slice(0, headEnd))?.[1] ?? 0);
  return received.length < headEnd + 4 + length ? 0 : headEnd + 4 + length;
}

function parseRequest(text: string, socketNumber: number): SeenRequest {
  const connectionId = decodeURIComponent(/@connections\/(\S*)/.exec(text)?.[1] ?? '');
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return { connectionId, text, body, socketNumber };
}
