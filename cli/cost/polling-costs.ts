/** What stores cost that ask for prices and post their sales by requests, as bench/reference/rest-sample does. */
import { ASSUMED, BROADCAST } from './assumed.ts';
import { type Fleet, line, type Scenario, scenario, storeMinutes, updatesPerMinute } from './cost-lines.ts';
import { plainItem } from './sales-costs.ts';

/** Of an answer: its headers, and an empty body. */
const HEADER_BYTES = 43;
const NO_NEWS_BYTES = 30;

/**
 * Sales are kept, and nothing is added up; prices come late by half of the time between polls, and nothing is proven.
 *
 * @param gathered whether stores gather the sales of a minute for one request
 */
export function pollingCost(fleet: Fleet, api: 'httpRequest' | 'restRequest', gathered = false): Scenario {
  const { linesPerSale, salesPerMinute } = fleet;
  const minutes = storeMinutes(fleet);
  const name = api === 'httpRequest' ? 'an HTTP API' : 'a REST API';
  const requests = gathered ? 1 - Math.exp(-salesPerMinute) : salesPerMinute;
  const news = (updatesPerMinute(fleet) / ASSUMED.pollsPerMinute) * BROADCAST.frameBytes;
  return scenario(`polling ${name}, ${gathered ? "a minute's sales" : 'a sale'} a request`, [
    line('sales', minutes * requests, {
      [api]: 1,
      invocation: 1,
      ...plainItem(gathered ? Math.max(1, salesPerMinute) : 1, linesPerSale),
      sentByte: HEADER_BYTES,
    }),
    line('polls', minutes * ASSUMED.pollsPerMinute, {
      [api]: 1,
      invocation: 1,
      read: 1,
      sentByte: HEADER_BYTES + NO_NEWS_BYTES + news,
    }),
  ]);
}
