/** The poster with its client alone faked: what `send` answers, in which order, and when. */
import {
  ApiGatewayManagementApiClient,
  ForbiddenException,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  type PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../lambdas/fan-out/pacer.ts';
import { Poster, type PosterOptions } from '../../../lambdas/fan-out/poster.ts';
import type { Member } from '../../../lambdas/registry/connection-items.ts';

const always = () => true;
const metadata = { $metadata: {}, message: '' };
const gone = new GoneException(metadata);
const throttled = new LimitExceededException(metadata);

/** A client whose posts are answered by `answer`. */
function clientOf(answer: (connectionId: string) => Promise<unknown>): ApiGatewayManagementApiClient {
  const client = new ApiGatewayManagementApiClient({ region: 'local', endpoint: 'http://127.0.0.1:1' });
  client.send = (async (command: PostToConnectionCommand) =>
    answer(String(command.input.ConnectionId))) as typeof client.send;
  return client;
}

function members(count: number): Member[] {
  return Array.from({ length: count }, (_, index) => ({
    shard: 0,
    member: `store#${index}`,
    connectionId: `c${index}`,
  }));
}

function posterOf(answer: (connectionId: string) => Promise<unknown>, options: Partial<PosterOptions> = {}) {
  const backoffs: number[] = [];
  const pacer = new Pacer({ rate: 10_000, burst: 10_000, now: () => 0, wait: async () => undefined });
  const poster = new Poster({
    client: clientOf(answer),
    pacer,
    window: 10,
    wait: async ms => {
      backoffs.push(ms);
    },
    ...options,
  });
  return { poster, pacer, backoffs };
}

describe('a post to many lines', () => {
  it('keeps as many under way as its window, and never more', async () => {
    let underWay = 0;
    let most = 0;
    const { poster } = posterOf(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(resolve => setImmediate(resolve));
      underWay -= 1;
    });
    expect(await poster.post('{}', [members(40), [], members(25)], always)).toMatchObject({
      sent: 65,
      gone: [],
      failed: [],
    });
    expect(most).toBe(10);
  });

  it('starts with the first page before the last is read', async () => {
    const posted: string[] = [];
    const { poster } = posterOf(async connectionId => posted.push(connectionId));
    const all = members(2);
    async function* pages() {
      yield all.slice(0, 1);
      while (posted.length === 0) await new Promise(resolve => setImmediate(resolve));
      yield all.slice(1);
    }
    await poster.post('{}', pages(), always);
    expect(posted).toEqual(['c0', 'c1']);
  });

  it('sends every line the very bytes of the frame', async () => {
    const sent: PostToConnectionCommand['input'][] = [];
    const client = clientOf(async () => undefined);
    client.send = (async ({ input }: PostToConnectionCommand) => sent.push(input)) as typeof client.send;
    const { poster } = posterOf(async () => undefined, { client });
    await poster.post('{"price":"1 €"}', [members(2)], always);
    const Data = new TextEncoder().encode('{"price":"1 €"}');
    expect(sent.sort((a, b) => ((a.ConnectionId ?? '') < (b.ConnectionId ?? '') ? -1 : 1))).toEqual([
      { ConnectionId: 'c0', Data },
      { ConnectionId: 'c1', Data },
    ]);
  });

  it('reports who is gone, and reaches the others', async () => {
    const all = members(9);
    const { poster, backoffs } = posterOf(async connectionId => {
      if (Number(connectionId.slice(1)) % 3 === 0) throw gone;
    });
    const report = await poster.post('{}', [all], always);
    expect(report).toMatchObject({ sent: 6, gone: [all[0], all[3], all[6]], failed: [] });
    expect(backoffs).toEqual([]);
  });
});

describe('a post that fails', () => {
  it.each<[string, Error]>([
    ['a throttle', throttled],
    ['a broken socket', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ['a fault of the gateway', Object.assign(new Error('oops'), { name: 'InternalServerError' })],
  ])('is tried five times for %s, with full jitter in between, and then reported', async (_title, error) => {
    let calls = 0;
    const { poster, backoffs } = posterOf(
      async () => {
        calls += 1;
        throw error;
      },
      { random: () => 0.5 },
    );
    const [member] = members(1);
    expect(await poster.post('{}', [members(1)], always)).toMatchObject({
      sent: 0,
      gone: [],
      failed: [member],
    });
    expect(calls).toBe(5);
    // Half of 200, 400, 800 and 1,600: full jitter takes any share of the doubling bound.
    expect(backoffs).toEqual([100, 200, 400, 800]);
  });

  it('counts once where a later attempt succeeds', async () => {
    let calls = 0;
    const { poster } = posterOf(async () => {
      calls += 1;
      if (calls < 5) throw throttled;
    });
    expect(await poster.post('{}', [members(1)], always)).toMatchObject({ sent: 1, gone: [], failed: [] });
  });

  it.each<[string, Error]>([
    ['forbidden', new ForbiddenException(metadata)],
    ['too large', new PayloadTooLargeException(metadata)],
  ])('is not tried again where it is %s', async (_title, error) => {
    const { poster, backoffs } = posterOf(async () => {
      throw error;
    });
    expect((await poster.post('{}', [members(1)], always)).failed).toHaveLength(1);
    expect(backoffs).toEqual([]);
  });

  it('slows the pace down where many lines are throttled, and at nothing else', async () => {
    const many = [members(1_000)];
    const slowed = posterOf(async () => Promise.reject(throttled), { attempts: 1 });
    await slowed.poster.post('{}', many, always);
    expect(slowed.pacer.rate).toBeLessThan(10_000);
    const broken = posterOf(async () => Promise.reject(new Error('oops')), { attempts: 1 });
    await broken.poster.post('{}', many, always);
    expect(broken.pacer.rate).toBe(10_000);
  });

  it('leaves its place to others until its next attempt', async () => {
    const posted: string[] = [];
    let release = () => {};
    const { poster } = posterOf(
      async connectionId => {
        posted.push(connectionId);
        if (connectionId === 'c0' && posted.length === 1) throw throttled;
      },
      { window: 1, wait: () => new Promise(resolve => (release = resolve)) },
    );
    const posting = poster.post('{}', [members(3)], always);
    await expect.poll(() => posted).toEqual(['c0', 'c1', 'c2']);
    release();
    expect(await posting).toMatchObject({ sent: 3, failed: [] });
    expect(posted).toEqual(['c0', 'c1', 'c2', 'c0']);
  });
});

describe('posting that has to end', () => {
  it('reports all that it had not posted to', async () => {
    let posted = 0;
    const { poster } = posterOf(
      async () => {
        posted += 1;
      },
      { window: 1 },
    );
    const all = members(10);
    const report = await poster.post('{}', [all], () => posted < 4);
    expect(report).toMatchObject({ sent: 4, gone: [], failed: all.slice(4) });
  });

  it('tries no retry any more', async () => {
    let posted = 0;
    const { poster } = posterOf(async () => {
      posted += 1;
      throw throttled;
    });
    const report = await poster.post('{}', [members(1)], () => posted < 2);
    expect({ posted, failed: report.failed.length }).toEqual({ posted: 2, failed: 1 });
  });

  // "Never late": an offer may be over by the time its turn comes.
  it('posts nothing to a line whose turn comes too late', async () => {
    const clock = { now: 0 };
    const pacer = new Pacer({
      rate: 1,
      burst: 1,
      now: () => clock.now,
      wait: async ms => {
        clock.now += ms;
      },
    });
    const postedAt: number[] = [];
    const { poster } = posterOf(async () => postedAt.push(clock.now), { pacer, window: 1 });
    const report = await poster.post('{}', [members(5)], () => clock.now < 2_500);
    expect(postedAt.filter(at => at >= 2_500)).toEqual([]);
    expect(report.sent + report.failed.length).toBe(5);
  });

  // A worker once waited for the turns of all that were left, past its own time limit.
  it('waits for no turns any more', async () => {
    const clock = { now: 0 };
    const wait = async (ms: number) => {
      clock.now += ms;
    };
    const pacer = new Pacer({ rate: 1, burst: 1, now: () => clock.now, wait });
    const { poster } = posterOf(async () => undefined, { pacer, window: 1 });
    const report = await poster.post('{}', [members(5_000)], () => clock.now < 2_500);
    expect(report).toMatchObject({ sent: 3, gone: [] });
    expect(clock.now).toBe(3_000);
  });

  it('fails as a whole by a bug of its own, once what was under way has ended', async () => {
    let asked = 0;
    let ended = 0;
    const { poster } = posterOf(async () => {
      await new Promise(resolve => setImmediate(resolve));
      ended += 1;
    });
    const mayPost = () => {
      asked += 1;
      if (asked === 4) throw new TypeError('a bug');
      return true;
    };
    await expect(poster.post('{}', [members(4)], mayPost)).rejects.toThrow('a bug');
    expect(ended).toBe(3);
  });

  it('leaves no post under way where its members cannot be read to the end', async () => {
    let ended = 0;
    const { poster } = posterOf(async () => {
      await new Promise(resolve => setImmediate(resolve));
      ended += 1;
    });
    async function* pages() {
      yield members(3);
      throw new Error('no table');
    }
    await expect(poster.post('{}', pages(), always)).rejects.toThrow('no table');
    expect(ended).toBe(3);
  });

  it('fails as a whole where its members cannot be read', async () => {
    const { poster } = posterOf(async () => undefined);
    // biome-ignore lint/correctness/useYield: a table that refuses its first page
    async function* pages(): AsyncGenerator<Member[]> {
      throw new Error('no table');
    }
    await expect(poster.post('{}', pages(), always)).rejects.toThrow('no table');
  });
});
