/** The yardstick: a server of `ws` and nothing else, that sends to all its clients in a loop. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { answerQuestions } from '../processes.ts';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const listening = once(server, 'listening');

answerQuestions(async (question: 'url' | { send: string }) => {
  await listening;
  if (question === 'url') return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const startedAt = process.hrtime.bigint();
  for (const client of server.clients) client.send(question.send);
  return String(startedAt);
});
