/** Ten thousand clients that only listen. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { answerQuestions } from '../processes.ts';

const [url = '', count = '0'] = process.argv.slice(2);
const CONNECTING_AT_ONCE = 100;
let left = Number(count);
let awaited = 0;
let arrived: ((time: string) => void) | undefined;

async function connect(): Promise<void> {
  while (left > 0) {
    left -= 1;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, 'open');
    socket.on('message', () => {
      awaited -= 1;
      // The machine's own clock, which all its processes share.
      if (awaited === 0) arrived?.(String(process.hrtime.bigint()));
    });
  }
}

answerQuestions(async (question: 'connect' | 'await') => {
  if (question === 'connect') return Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connect));
  awaited = Number(count);
  return new Promise(resolve => {
    arrived = resolve;
  });
});
