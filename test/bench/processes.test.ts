/** A part that is gone must not be waited for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type Part, startPart } from '../../bench/processes.ts';

/** A part that does this with a question. */
function partThat(does: string): Part {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-part-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const module = join(directory, 'part.mjs');
  writeFileSync(module, `process.on('message', () => { ${does} });`);
  return startPart(pathToFileURL(module));
}

test.each([
  [
    'ends',
    "console.error('the disk is full'); process.exit(3);",
    /part.mjs ended with exit code 3\nthe disk is full$/,
  ],
  ['throws', "throw new Error('no such table');", /ended with exit code \d+\n.*no such table/s],
  ['is killed', "process.kill(process.pid, 'SIGKILL');", /ended with SIGKILL$/],
])(
  'a part that %s by itself says how, to whoever asks it and to whoever watches it',
  async (_, does, how) => {
    const part = partThat(does);
    await expect(part.ask('anything')).rejects.toThrow(how);
    expect((await part.died).message).toMatch(how);
    await expect(part.ask('anything')).rejects.toThrow(how);
    await part.stop();
  },
);

test('one that is told to end has not died', async () => {
  const part = partThat('process.send({ answer: 1 })');
  let hasDied = false;
  void part.died.then(() => {
    hasDied = true;
  });
  expect(await part.ask('anything')).toBe(1);
  await part.kill();
  // By then its end is known to all.
  await expect(part.ask('anything')).rejects.toThrow('ended with SIGKILL');
  expect(hasDied).toBe(false);
});
