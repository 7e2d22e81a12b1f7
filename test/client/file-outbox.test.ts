import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOutbox } from '../../client/sales/file-outbox.ts';
import { GroupCommit } from '../../client/sales/group-commit.ts';
import {
  OutboxInUseError,
  type OutboxStorage,
  type StoredSale,
  settleIn,
} from '../../client/sales/outbox-storage.ts';
import type { Sale } from '../../domain/sales/sale.ts';
import { sale as saleInput } from './sales.ts';

const sale = (n: number): Sale => ({ ...saleInput(n), soldAt: '2026-12-01T08:00:00.000Z' });
const refusal = { saleId: 'S2', code: 'minute_full', message: 'no room' };

let folder: string;
let directory: string;
let log: string;
const opened: OutboxStorage[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storecast-outbox-'));
  directory = join(folder, 'till', 'outbox');
  log = join(directory, 'sales.log');
});
afterEach(async () => {
  for (const outbox of opened.splice(0)) await outbox.close?.();
  await rm(folder, { recursive: true });
});

/** As a new process opens it, after the one before. */
async function open(): Promise<{ outbox: OutboxStorage; stored: StoredSale[]; failures: string[] }> {
  for (const outbox of opened.splice(0)) await outbox.close?.();
  const outbox = fileOutbox(directory);
  opened.push(outbox);
  const failures: string[] = [];
  const stored = await outbox.load(error => failures.push(error.message));
  return { outbox, stored, failures };
}

const idsOf = (stored: StoredSale[]) => stored.map(({ sale: { saleId } }) => saleId);

describe('the outbox on disk', () => {
  it('gives back what was appended and not settled, in its order, with what was refused', async () => {
    const first = await open();
    expect(first.stored).toEqual([]);
    await Promise.all([3, 2, 1, 4].map(n => first.outbox.append(sale(n))));
    await first.outbox.settle(['S3', 'S9'], [refusal, { ...refusal, saleId: 'S8' }]);
    const expected = [{ sale: sale(2), refusal }, { sale: sale(1) }, { sale: sale(4) }];
    const second = await open();
    expect(second.stored).toEqual(expected);
    await second.outbox.settle(['S2'], []);
    await second.outbox.append(sale(3));
    expect((await open()).stored).toEqual([{ sale: sale(1) }, { sale: sale(4) }, { sale: sale(3) }]);
    // Seven changes are too few to rewrite the log for.
    expect((await readFile(log, 'utf8')).trimEnd().split('\n')).toHaveLength(7);
  });

  it.each([1, 20, 60])('drops a last line that a power cut has torn by %i bytes', async cut => {
    const first = (await open()).outbox;
    await first.append(sale(1));
    await first.append(sale(2));
    const whole = await readFile(log);
    await writeFile(log, whole.subarray(0, whole.length - cut));
    const { outbox, stored, failures } = await open();
    // All but its newline is all of it.
    const kept = cut === 1 ? ['S1', 'S2'] : ['S1'];
    expect(idsOf(stored)).toEqual(kept);
    expect(failures).toEqual([]);
    await outbox.append(sale(3));
    expect(idsOf((await open()).stored)).toEqual([...kept, 'S3']);
  });

  it.each([
    ['no JSON', '{"sale":{"saleId"'],
    ['zeros', '\0'.repeat(40)],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['no record', '{"sold":1}'],
    ['a settlement without its ids', '{"settled":[1],"refused":[]}'],
    ['a sale with an amount that does not add up', JSON.stringify({ sale: { ...sale(7), total: 1 } })],
  ])('puts a line aside that is %s, says where, and loses nothing else', async (_, line) => {
    const first = (await open()).outbox;
    await first.append(sale(1));
    await appendFile(log, line);
    await appendFile(log, '\n');
    await first.append(sale(2));
    const { outbox, stored, failures } = await open();
    expect(idsOf(stored)).toEqual(['S1', 'S2']);
    const aside = (await readdir(directory)).find(name => name.includes('unreadable')) ?? '';
    expect(failures).toEqual([expect.stringContaining(join(directory, aside))]);
    expect(await readFile(join(directory, aside))).toEqual(
      Buffer.concat([Buffer.from(line), Buffer.from('\n')]),
    );
    await outbox.append(sale(3));
    expect(await open()).toMatchObject({
      failures: [],
      stored: [sale(1), sale(2), sale(3)].map(s => ({ sale: s })),
    });
  });

  it('rewrites its log once most of it has left', async () => {
    const { outbox } = await open();
    const numbers = Array.from({ length: 999 }, (_, index) => index + 1);
    await Promise.all(numbers.map(n => outbox.append(sale(n))));
    await outbox.settle(
      numbers.filter(n => n > 3).map(n => `S${n}`),
      [refusal],
    );
    expect((await readFile(log, 'utf8')).split('\n').length).toBeGreaterThan(999);
    await outbox.append(sale(1_000));
    expect((await readFile(log, 'utf8')).trimEnd().split('\n')).toHaveLength(5);
    const expected = [
      { sale: sale(1) },
      { sale: sale(2), refusal },
      { sale: sale(3) },
      { sale: sale(1_000) },
    ];
    expect((await open()).stored).toEqual(expected);
  });

  it('does not let half a line, left by a disk that was full, spoil the next one', async () => {
    const child = start(
      `
      await outbox.load(() => {});
      for (let n = 1, failed = 0; failed < 3; n++) {
        await outbox.append(sale(n)).then(() => console.log('S' + n), error => { failed++; console.log(error.code); });
      }
      await outbox.settle(['S1'], []).then(() => console.log('settled'));
    `,
      4,
    );
    const lines = await readAll(child);
    const appended = lines.filter(line => line.startsWith('S'));
    expect(lines).toEqual([...appended, 'EFBIG', 'EFBIG', 'EFBIG', 'settled']);
    const { stored, failures } = await open();
    expect(failures).toEqual([]);
    expect(idsOf(stored)).toEqual(appended.slice(1));
  });

  it('no longer marks a sale as refused that is appended again', async () => {
    const { outbox } = await open();
    await outbox.append(sale(2));
    await outbox.settle([], [refusal]);
    await outbox.append(sale(2));
    expect((await open()).stored).toEqual([{ sale: sale(2) }]);
  });

  it('belongs to one process at a time, and to the next once that one is gone, however it went', async () => {
    const child = start("await outbox.load(() => {}); console.log('loaded'); setInterval(() => {}, 1_000);");
    const [line] = await once(createInterface(child.stdout), 'line');
    expect(line).toBe('loaded');
    await expect(open()).rejects.toThrow(OutboxInUseError);
    await expect(open()).rejects.toThrow(`process ${child.pid} uses ${directory}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await open()).outbox.append(sale(1));
    const other = fileOutbox(directory);
    await expect(other.load(() => {})).rejects.toThrow(OutboxInUseError);
    expect(idsOf((await open()).stored)).toEqual(['S1']);
  });

  it.each([
    ['of another run of the machine', { pid: process.pid, startedAt: 'an earlier boot 1' }],
    ['that was torn', undefined],
  ])('is not kept by a lock %s', async (_, holder) => {
    await mkdir(directory, { recursive: true });
    const lock = holder && { id: 'a', host: hostname(), ...holder };
    await writeFile(join(directory, 'lock'), lock === undefined ? '{"id"' : JSON.stringify(lock));
    expect((await open()).stored).toEqual([]);
    expect((await readdir(directory)).toSorted()).toEqual(['lock']);
  });

  it('is kept by a lock of another machine, which only somebody can judge', async () => {
    await mkdir(directory, { recursive: true });
    const lock = { id: 'a', pid: 1, host: 'elsewhere', startedAt: '' };
    await writeFile(join(directory, 'lock'), JSON.stringify(lock));
    await expect(open()).rejects.toThrow(`process 1 on elsewhere uses ${directory}`);
  });

  it('holds every sale that a process was told of before kill -9', async () => {
    const child = start(`
      await outbox.load(() => {});
      const append = n => outbox.append(sale(n)).then(() => console.log('S' + n));
      for (let n = 1; ; n += 5) {
        for (let more = 1; more < 5; more++) void append(n + more - 1);
        await append(n + 4);
      }
    `);
    const told: string[] = [];
    const ended = once(child, 'close');
    for await (const line of createInterface(child.stdout)) {
      told.push(line);
      if (told.length === 200) child.kill('SIGKILL');
    }
    await ended;
    const { stored, failures } = await open();
    expect(failures).toEqual([]);
    expect(told.length).toBeGreaterThanOrEqual(200);
    const ids = idsOf(stored);
    expect(ids.slice(0, told.length)).toEqual(told);
  });
});

/** A process with an outbox. @param blocks the most that a file of it may hold, in blocks of 512 bytes */
function start(script: string, blocks?: number): ChildProcessByStdio<null, Readable, null> {
  const code = `
    const { fileOutbox } = await import(${JSON.stringify(join(process.cwd(), 'client/sales/file-outbox.ts'))});
    const outbox = fileOutbox(${JSON.stringify(directory)});
    const sale = n => ({ ...${JSON.stringify(sale(1))}, saleId: 'S' + n });
    ${script}`;
  const node = [process.execPath, '--input-type=module', '-e', code];
  const [command = '', ...args] =
    blocks === undefined ? node : ['sh', '-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, 'sh', ...node];
  return spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function readAll(child: ChildProcessByStdio<null, Readable, null>): Promise<string[]> {
  const lines: string[] = [];
  const ended = once(child, 'close');
  for await (const line of createInterface(child.stdout)) lines.push(line);
  await ended;
  return lines;
}

describe('a group commit', () => {
  it('takes what came while the one before ran, and fails only the group that failed', async () => {
    const groups: number[][] = [];
    const ends: ((error?: Error) => void)[] = [];
    const commit = new GroupCommit<number>(items => {
      groups.push(items);
      return new Promise((resolve, reject) => ends.push(error => (error ? reject(error) : resolve())));
    });
    const results = [1, 2, 3].map(n => commit.add(n));
    ends[0]?.();
    await results[0];
    expect(groups).toEqual([[1], [2, 3]]);
    const last = commit.add(4);
    ends[1]?.(new Error('full'));
    await expect(results[1]).rejects.toThrow('full');
    await expect(results[2]).rejects.toThrow('full');
    ends[2]?.();
    await last;
    await commit.idle();
    expect(groups).toEqual([[1], [2, 3], [4]]);
  });
});

describe('settling', () => {
  it('ignores sales that are not there', () => {
    const stored = new Map<string, StoredSale>([['S1', { sale: sale(1) }]]);
    settleIn(stored, ['S5'], [refusal]);
    expect([...stored.values()]).toEqual([{ sale: sale(1) }]);
  });
});
