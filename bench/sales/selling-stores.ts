/** Stores with a backlog of sales: each keeps some frames of ten under way, and sends the next as one is answered. */

import { loadTarget } from '../../cli/target.ts';
import { BareStore } from '../bare-store.ts';
import { answerQuestions } from '../processes.ts';
import { sale } from '../sample-sale.ts';

const [outputsFile, stores = '0', framesUnderWay = '0'] = process.argv.slice(2);
const SALES_PER_FRAME = 10;
const CONNECTING_AT_ONCE = 16;
const lines: BareStore[] = [];
const target = loadTarget(outputsFile);

async function connectAll(): Promise<void> {
  const left = Array.from({ length: Number(stores) }, (_, index) => `sales-${index}`);
  const work = async () => {
    for (let storeId = left.pop(); storeId !== undefined; storeId = left.pop()) {
      const token = await target.mint({ role: 'store', storeId, region: undefined, groups: [] });
      lines.push(await BareStore.connect(target.outputs.StoreEndpoint, token));
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, work));
}

async function sellUntil(endsAt: number): Promise<{ accepted: number; limited: number; delays: number[] }> {
  const sold = { accepted: 0, limited: 0, delays: [] as number[] };
  const work = async (line: BareStore) => {
    while (performance.now() < endsAt) {
      const sales = Array.from({ length: SALES_PER_FRAME }, sale);
      const sentAt = performance.now();
      const answer = await line.ask({ action: 'sales', sales });
      const answeredAt = performance.now();
      if (answer.code === 'rate_limited') sold.limited += 1;
      else if (answer.type !== 'sales.accepted')
        throw new Error(`sales were answered ${JSON.stringify(answer)}`);
      // What is answered after the end is no part of the rate.
      else if (answeredAt < endsAt) {
        sold.accepted += (answer.saleIds as string[]).length;
        sold.delays.push(answeredAt - sentAt);
      }
    }
  };
  await Promise.all(lines.flatMap(line => Array.from({ length: Number(framesUnderWay) }, () => work(line))));
  return sold;
}

answerQuestions(async (question: 'connect' | { sellForSeconds: number }) => {
  if (question === 'connect') return connectAll();
  const { sellForSeconds } = question;
  const { accepted, delays, limited } = await sellUntil(performance.now() + sellForSeconds * 1000);
  delays.sort((one, other) => one - other);
  return {
    salesPerSecond: accepted / sellForSeconds,
    limited,
    p50Ms: delays[delays.length >> 1],
    p99Ms: delays[Math.floor(delays.length * 0.99)],
  };
});
