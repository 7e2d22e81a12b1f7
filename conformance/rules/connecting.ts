/** Rules of opening a line, and of trying again. */
import type { Rule } from '../rule.ts';
import { NotApplicable, Violation } from '../violation.ts';

const MINUTE_MS = 60_000;
/** More than back-off with full jitter makes in a minute, but for one till in a million. */
const MOST_ATTEMPTS = 13;

export const connecting: Rule[] = [
  {
    id: 'connect-token',
    sentence: 'opens STORECAST_ENDPOINT with its token, as a header or a sub-protocol, and not in the URL',
    place: 'connecting',
    play: async ({ chain, till, token, watch }) => {
      till.start();
      await watch.until(() => chain.handshakes[0], 'open a line');
      const [handshake] = chain.handshakes;
      if (handshake?.fault !== undefined) throw new Violation(handshake.fault);
      if (handshake?.token !== token) throw new Violation('the handshake does not carry STORECAST_TOKEN');
      await watch.until(() => chain.lines[0], 'open a line');
    },
  },
  {
    id: 'connect-once',
    sentence: 'holds one line, and opens no second one beside it',
    place: 'connecting',
    play: async scene => {
      await scene.online();
      const { lines } = scene.chain;
      await scene.watch.never(() => lines.length > 1, 'opened a second line beside the first', 6_000);
    },
  },
  {
    id: 'line-names',
    sentence: 'names each line anew, if it names them at all',
    place: 'connecting',
    seconds: 8,
    play: async scene => {
      let line = await scene.online();
      if (line.name === undefined) throw new NotApplicable('its lines have no names');
      for (let breaks = 0; breaks < 2; breaks += 1) line = await scene.nextLine(() => line.break());
      const names = scene.chain.lines.map(({ name }) => name);
      if (new Set(names).size < names.length) throw new Violation(`two lines are called ${line.name}`);
    },
  },
  {
    id: 'retry-refused',
    sentence: 'tries again after handshakes refused with 409, 429 and 500',
    place: 'what-happened-and-what-to-do',
    seconds: 8,
    play: async scene => {
      const { chain, till } = scene;
      const statuses = [409, 429, 500];
      chain.admit = () => statuses.shift();
      till.start();
      await scene.synced(0, 30_000);
    },
  },
  {
    id: 'retry-unreachable',
    sentence: 'starts without a chain, and is on the line soon after there is one',
    place: 'what-happened-and-what-to-do',
    seconds: 12,
    play: async scene => {
      const { chain, till, watch } = scene;
      await chain.down();
      till.start();
      await till.price('A');
      await watch.rest(3_000);
      await chain.up();
      await scene.synced(0, 30_000);
    },
  },
  {
    id: 'retry-unauthorized',
    sentence: 'tries again by the back-off after 401, with the newest token that it has',
    place: 'what-happened-and-what-to-do',
    seconds: 8,
    play: async scene => {
      const { chain, till } = scene;
      const statuses = [401, 401, 401];
      chain.admit = () => statuses.shift();
      till.start();
      await scene.synced(0, 30_000);
    },
  },
  {
    id: 'retry-forbidden',
    sentence: 'tries again once a minute after 403; where its runtime hides the status, by the back-off',
    place: 'connecting',
    seconds: 62,
    play: async ({ chain, till, watch }) => {
      chain.admit = () => 403;
      till.start();
      await watch.until(() => chain.handshakes[0], 'open a line');
      await watch.rest(MINUTE_MS - 2_000);
      const attempts = chain.handshakes.length;
      const mayNotKnow = chain.tokenRequests.length > 0;
      if (attempts > (mayNotKnow ? MOST_ATTEMPTS : 1)) {
        const asked = mayNotKnow ? '' : ', and never asked {ManagementUrl}token what was wrong';
        throw new Violation(`the till tried ${attempts} times in a minute${asked}`);
      }
    },
  },
  {
    id: 'backoff',
    sentence: 'waits ever longer between attempts that fail, a minute at most',
    place: 'how-a-line-ends',
    seconds: 40,
    play: async ({ chain, till, watch }) => {
      chain.admit = () => 500;
      till.start();
      await watch.until(() => chain.handshakes[0], 'open a line');
      const isStorm = () => chain.handshakes.length > MOST_ATTEMPTS;
      await watch.never(isStorm, `tried more than ${MOST_ATTEMPTS} times in 36 seconds`, 36_000);
      if (chain.handshakes.length < 3)
        throw new Violation('the till tried less than three times in 36 seconds');
    },
  },
  {
    id: 'jitter',
    sentence: 'waits a random part of its back-off: tills that are cut off together do not come back in step',
    place: 'how-a-line-ends',
    seconds: 14,
    play: async scene => {
      const { chain, watch } = scene;
      chain.admit = () => 500;
      const tokens = scene.crowd(CROWD);
      const attempts = (token: string) => chain.handshakes.filter(handshake => handshake.token === token);
      const haveTried = () => tokens.every(token => attempts(token).length > ROUNDS);
      await watch.until(haveTried, `try ${ROUNDS + 1} times, each of ${CROWD}`, 60_000);
      const waits = tokens.map(token => waitsOf(attempts(token).map(({ at }) => at)));
      for (let round = 0; round < ROUNDS; round += 1)
        expectSpread(
          waits.map(of => of[round] ?? 0),
          round,
        );
    },
  },
];

/** Tills of one make. */
const CROWD = 8;
const ROUNDS = 3;

/** A machine on which all of them start is slow. */
const SLOW_SECONDS = 3;

/** Seconds between attempts. */
function waitsOf(times: readonly number[]): number[] {
  return times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1_000);
}

/** Eight of ten million random crowds are within a tenth of what they may wait. */
function expectSpread(waits: readonly number[], round: number): void {
  const [least, most] = [Math.min(...waits), Math.max(...waits)];
  const bound = 2 ** round;
  if (most > bound + SLOW_SECONDS) {
    throw new Violation(
      `the till waits for ${most.toFixed(1)} seconds after failure ${round + 1}; ${bound} is the most`,
    );
  }
  if (most - least > bound / 10) return;
  const text = waits.map(wait => wait.toFixed(2)).join(', ');
  throw new Violation(
    `${waits.length} tills that were refused together came back in step, after ${text} seconds`,
  );
}
