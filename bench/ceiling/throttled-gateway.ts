/**
 * API Gateway with the account's throttle: a token bucket, answers after a time, lines that are gone, faults now and then.
 * It keeps which connections were posted to, so that none can be lost or posted to twice unseen.
 */
import { type AddressInfo, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { localhostCertificate } from '../localhost-certificate.ts';
import { answerQuestions } from '../processes.ts';

const QUOTA = { rate: 10_000, burst: 5_000 };
const FASTEST_MS = 5;
const SLOWEST_MS = 20;
/** One connection of so many is gone, and one post of so many ends in a fault. */
const ONE_GONE_IN = 200;
const ONE_FAULT_IN = 1_000;

const ANSWERS = {
  sent: answer('200 OK', ''),
  gone: answer('410 Gone', 'GoneException'),
  throttled: answer('429 Too Many Requests', 'LimitExceededException'),
  fault: answer('500 Internal Server Error', 'InternalServerErrorException'),
};
type Outcome = keyof typeof ANSWERS;

let posted = new Uint8Array();
let counts = newCounts();
let tokens = QUOTA.burst;
let refilledAt = performance.now();

function newCounts() {
  return { sent: 0, gone: 0, throttled: 0, fault: 0, twice: 0, lastAt: '0' };
}

function answer(status: string, errorType: string): string {
  const type = errorType === '' ? '' : `x-amzn-ErrorType: ${errorType}\r\n`;
  const head = `HTTP/1.1 ${status}\r\nDate: Mon, 30 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\n`;
  return `${head}Connection: keep-alive\r\n${type}x-amzn-RequestId: 0d1f8a4e-6b2c-4c1e-9f3a-7e5d2b8c4a61\r\n\r\n`;
}

function outcomeOf(member: number): Outcome {
  const now = performance.now();
  tokens = Math.min(QUOTA.burst, tokens + ((now - refilledAt) / 1000) * QUOTA.rate);
  refilledAt = now;
  if (tokens < 1) return 'throttled';
  tokens -= 1;
  if (member % ONE_GONE_IN === 0) return 'gone';
  return Math.random() * ONE_FAULT_IN < 1 ? 'fault' : 'sent';
}

function serve(socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece: Buffer) => {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    for (let end = requestEnd(pending); end > 0; end = requestEnd(pending)) {
      const path = pending.toString('latin1', 0, 80);
      pending = pending.subarray(end);
      take(
        socket,
        Number(/%40connections\/L0SM9c(\d+)|@connections\/L0SM9c(\d+)/.exec(path)?.slice(1).join('')),
      );
    }
  });
}

function take(socket: Socket, member: number): void {
  const outcome = outcomeOf(member);
  counts[outcome] += 1;
  if (outcome === 'sent') {
    counts.twice += posted[member] ?? 0;
    posted[member] = 1;
    counts.lastAt = String(process.hrtime.bigint());
  }
  setTimeout(() => socket.write(ANSWERS[outcome]), FASTEST_MS + Math.random() * (SLOWEST_MS - FASTEST_MS));
}

/** Where the first request ends; 0 while it is not whole. */
function requestEnd(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const length = Number(/content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1] ?? 0);
  return bytes.length < head + 4 + length ? 0 : head + 4 + length;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve));
  return (server.address() as AddressInfo).port;
}

answerQuestions(async (question: 'start' | 'counts' | { expect: number }) => {
  if (question === 'start') {
    const plain = await listen(createPlainServer(serve));
    const tls = await listen(createTlsServer(localhostCertificate, serve));
    return {
      plain: `http://localhost:${plain}`,
      tls: `https://localhost:${tls}`,
      ca: localhostCertificate.cert,
      quota: QUOTA,
    };
  }
  if (question === 'counts') {
    const { user, system } = process.cpuUsage();
    const reached = posted.reduce((sum, one) => sum + one, 0);
    // Of those that are not gone; a client may have asked for one that is more than once.
    const missed = posted.length - Math.ceil(posted.length / ONE_GONE_IN) - reached;
    return { ...counts, reached, missed, cpuMs: (user + system) / 1000 };
  }
  // Full after a pause, as an account's is.
  [posted, counts, tokens, refilledAt] = [
    new Uint8Array(question.expect),
    newCounts(),
    QUOTA.burst,
    performance.now(),
  ];
});
