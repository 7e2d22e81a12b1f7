/**
 * The other end of the posts: answers every POST 200 as API Gateway does, after a simulated time. It looks for the end of
 * each request and at nothing else, so that it never is what the posts wait for.
 */
import { type AddressInfo, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { localhostCertificate } from '../localhost-certificate.ts';
import { answerQuestions } from '../processes.ts';

const ANSWER =
  'HTTP/1.1 200 OK\r\nDate: Mon, 30 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\nConnection: keep-alive\r\n' +
  'x-amzn-RequestId: 0d1f8a4e-6b2c-4c1e-9f3a-7e5d2b8c4a61\r\n\r\n';
const FASTEST_MS = 5;
const SLOWEST_MS = 20;

let requests = 0;
let sockets = 0;

function serve(socket: Socket): void {
  sockets += 1;
  let text = '';
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece: string) => {
    text += piece;
    for (let end = requestEnd(text); end > 0; end = requestEnd(text)) {
      text = text.slice(end);
      requests += 1;
      setTimeout(() => socket.write(ANSWER), FASTEST_MS + Math.random() * (SLOWEST_MS - FASTEST_MS));
    }
  });
}

/** Where the first request in the text ends; 0 while it is not whole. */
function requestEnd(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  const end = head + 4 + length;
  return text.length < end ? 0 : end;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve));
  return (server.address() as AddressInfo).port;
}

answerQuestions(async (question: 'start' | 'counts') => {
  if (question === 'start') {
    const plain = await listen(createPlainServer(serve));
    const tls = await listen(createTlsServer(localhostCertificate, serve));
    return {
      plain: `http://localhost:${plain}`,
      tls: `https://localhost:${tls}`,
      ca: localhostCertificate.cert,
    };
  }
  const counts = { requests, sockets };
  requests = 0;
  sockets = 0;
  return counts;
});
