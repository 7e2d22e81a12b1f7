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
];
