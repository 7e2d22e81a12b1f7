/** Stores that only listen: bare sockets, so that what the clients do is the same for every backend. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { answerQuestions } from '../processes.ts';
import { fromProject } from '../system.ts';

/** An outputs file of ours, or the address of a gateway that asks for no token. */
const [where = ''] = process.argv.slice(2);
/** serverless-offline starts a worker for each that connects at the same time. */
const CONNECTING_AT_ONCE = where.startsWith('ws:') ? 4 : 32;
const sockets: WebSocket[] = [];
const openLine = where.startsWith('ws:') ? () => new WebSocket(where) : await lineOpener(where);

async function lineOpener(outputsFile: string): Promise<(storeId: string) => Promise<WebSocket>> {
  const { loadTarget } = await fromProject('cli/target.ts');
  const target = loadTarget(outputsFile);
  return async storeId => {
    const token = await target.mint({ role: 'store', storeId, groups: [] });
    return new WebSocket(target.outputs.StoreEndpoint, ['storecast.v1', `bearer.${token}`]);
  };
}

async function connect(count: number): Promise<void> {
  const left = Array.from({ length: count }, (_, index) => String(index + 1).padStart(5, '0'));
  const work = async () => {
    for (let storeId = left.pop(); storeId !== undefined; storeId = left.pop()) {
      const socket = await openLine(storeId);
      await once(socket, 'open');
      sockets.push(socket);
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, work));
}

/** When the last of them has a frame that holds the mark, in nanoseconds of the machine's clock. */
async function lastArrival(mark: string): Promise<string> {
  await Promise.all(
    sockets.map(
      socket =>
        new Promise<void>(resolve => {
          const look = (data: Buffer): void => {
            if (!data.includes(mark)) return;
            socket.off('message', look);
            resolve();
          };
          socket.on('message', look);
        }),
    ),
  );
  return String(process.hrtime.bigint());
}

answerQuestions(async (question: { connect: number } | { await: string }) => {
  if ('connect' in question) return connect(question.connect);
  return lastArrival(question.await);
});
