/**
 * Stores that only listen, by a handshake and then by looking for a mark in what comes: what the clients take of the
 * machine's cores is the same for every backend, and little.
 */

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { loadTarget } from '../../cli/target.ts';
import { answerQuestions } from '../processes.ts';

/** An outputs file of ours, or the address of a gateway that asks for no token. */
const [where = ''] = process.argv.slice(2);
/** serverless-offline starts a worker for each that connects at the same time. */
const CONNECTING_AT_ONCE = where.startsWith('ws:') ? 4 : 32;
const openLine = where.startsWith('ws:') ? () => listen(where, []) : await lineOpener(where);
/** One for all sockets: what has come is looked at before the next read. */
const buffer = Buffer.alloc(64 * 1024);
let expected: { mark: string; missing: number; arrived: () => void } | undefined;
let stores = 0;

async function lineOpener(outputsFile: string): Promise<(storeId: string) => Promise<void>> {
  const target = loadTarget(outputsFile);
  return async storeId => {
    const token = await target.mint({ role: 'store', storeId, region: undefined, groups: [] });
    await listen(target.outputs.StoreEndpoint, ['storecast.v1', `bearer.${token}`]);
  };
}

/** Resolves with the handshake's end. A frame of a server is not masked, and comes in one piece on loopback. */
function listen(address: string, protocols: readonly string[]): Promise<void> {
  const { host, hostname, pathname, port } = new URL(address);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isOpen = false;
  const take = (bytes: number, data: Uint8Array): boolean => {
    const text = Buffer.from(data.buffer, data.byteOffset, bytes);
    if (isOpen) look(text);
    else if (text.includes('HTTP/1.1 101')) resolve();
    else reject(new Error(`the handshake was answered ${text.toString('latin1')}`));
    isOpen = true;
    return true;
  };
  const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback: take } });
  socket.on('error', reject);
  const headers = [
    `GET ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(protocols.length > 0 ? [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`] : []),
  ];
  socket.write(`${headers.join('\r\n')}\r\n\r\n`);
  return promise;
}

function look(data: Buffer): void {
  if (expected === undefined || !data.includes(expected.mark)) return;
  expected.missing -= 1;
  if (expected.missing === 0) expected.arrived();
}

async function connectAll(count: number): Promise<void> {
  const left = Array.from({ length: count }, (_, index) => String(index + 1).padStart(5, '0'));
  const work = async () => {
    for (let storeId = left.pop(); storeId !== undefined; storeId = left.pop()) {
      await openLine(storeId);
      stores += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, work));
}

/** When the last of them has a frame that holds the mark, in nanoseconds of the machine's clock. */
async function lastArrival(mark: string): Promise<string> {
  await new Promise<void>(arrived => {
    expected = { mark, missing: stores, arrived };
  });
  return String(process.hrtime.bigint());
}

answerQuestions(async (question: { connect: number } | { await: string }) => {
  if ('connect' in question) return connectAll(question.connect);
  return lastArrival(question.await);
});
