/** What 429 does to a broadcast, by the model of a gateway: API Gateway answers it for the account and for one line. */
import { describe, expect, it } from 'vitest';
import { linesOf, modelGateway, modelPoster } from './model-gateway.ts';
import { ModelTime } from './model-time.ts';

const ACCOUNT = { rate: 10_000, burst: 5_000 };
const LINES = 10_000;
const always = () => true;

/** A broadcast to a fleet of which some lines always answer 429. */
async function broadcast(isHung: (connectionId: string) => boolean, account = ACCOUNT) {
  const time = new ModelTime();
  const gateway = modelGateway(time, account, isHung);
  const { pacer, poster } = modelPoster(time, gateway);
  const report = await time.passUntil(poster.post('{}', [linesOf(LINES)], always));
  return { gateway, pacer, report, time };
}

/** The same share of the fleet, spread over it or all in one place. */
const every = (nth: number) => (connectionId: string) => Number(connectionId.slice(1)) % nth === nth >> 1;
const from = (first: number, count: number) => (connectionId: string) => {
  const number = Number(connectionId.slice(1));
  return number >= first && number < first + count;
};

describe('of 10,000 lines', () => {
  it.each<[string, number, (connectionId: string) => boolean]>([
    ['5 that hang', 5, every(2_000)],
    ['50 that hang', 50, every(200)],
    ['50 that hang, one behind the other', 50, from(4_000, 50)],
    ['50 that hang, before all others', 50, from(0, 50)],
  ])('%s keep none of the others from its post, nor from having it in time', async (_title, hung, isHung) => {
    const without = await broadcast(() => false);
    const { gateway, pacer, report } = await broadcast(isHung);
    expect(report).toMatchObject({ sent: LINES - hung, gone: [] });
    expect(report.failed.filter(({ connectionId }) => !isHung(connectionId))).toEqual([]);
    expect(gateway.lastAt).toBeLessThan(without.gateway.lastAt * 1.03);
    expect(pacer.rate).toBe(4_500);
  });

  it('50 that hang leave the next broadcasts their pace', async () => {
    const time = new ModelTime();
    const gateway = modelGateway(time, ACCOUNT, every(200));
    const { pacer, poster } = modelPoster(time, gateway);
    for (let round = 0; round < 5; round += 1)
      await time.passUntil(poster.post('{}', [linesOf(LINES)], always));
    expect(pacer.rate).toBe(4_500);
  });

  it('more that hang than are posted to at once do not stop the others', async () => {
    const without = await broadcast(() => false);
    const { gateway, report } = await broadcast(every(33));
    expect(report.sent).toBe(LINES - Math.floor(LINES / 33));
    expect(gateway.lastAt).toBeLessThan(without.gateway.lastAt * 1.15);
  });
});

describe("the account's throttle", () => {
  it('slows the pace until it fits, and leaves nobody out', async () => {
    // Others take the rest of the account's requests.
    const account = { rate: 2_000, burst: 500 };
    const { gateway, pacer, report } = await broadcast(() => false, account);
    expect(report).toMatchObject({ sent: LINES, failed: [] });
    expect(pacer.rate).toBeLessThan(account.rate * 1.5);
    expect(gateway.refused).toBeLessThan(LINES * 0.15);
    // Nor does it stand still: the account's own limit is not far.
    expect(gateway.lastAt).toBeLessThan((LINES / account.rate) * 1_000 * 1.5);
  });

  it('that lets nothing through meets no storm', async () => {
    const { gateway, report, time } = await broadcast(() => false, { rate: 0, burst: 0 });
    expect(report.failed).toHaveLength(LINES);
    expect(gateway.requests / (time.now / 1_000)).toBeLessThan(4_500 * 0.05);
  });
});
