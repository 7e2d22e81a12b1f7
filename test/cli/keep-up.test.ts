/** What a command brings up is taken down again, however far it came. */
import { expect, test } from 'vitest';
import { keepUp } from '../../cli/keep-up.ts';

test('a failure in the middle takes down what had come up, the last first, and is told', async () => {
  const down: string[] = [];
  const failed = keepUp(async onStop => {
    for (const name of ['cloud', 'stores']) onStop(async () => void down.push(name));
    throw new Error('no token for a store');
  });
  await expect(failed).rejects.toThrow('no token for a store');
  expect(down).toEqual(['stores', 'cloud']);
});

test('asked to stop, it takes all down and returns', async () => {
  const down: string[] = [];
  const ended = keepUp(async onStop => onStop(async () => void down.push('cloud')));
  setImmediate(() => process.emit('SIGTERM'));
  await ended;
  expect(down).toEqual(['cloud']);
});
