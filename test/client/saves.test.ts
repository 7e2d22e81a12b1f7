/** How a till's state is kept: by what changed, whole after whatever ended a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStorage } from '../../client/storage/file-storage.ts';
import { type ClientStorage, memoryStorage, UnreadableStateError } from '../../client/storage/storage.ts';
import { Journal } from '../../client/till/journal.ts';
import type { ClientState, StateHead } from '../../client/till/state.ts';
import { PriceBook } from '../../domain/book/price-book.ts';
import { TrackedMap } from '../../domain/book/tracked-map.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { offer, price, ScriptedChain } from './scripted-chain.ts';

const START = Date.parse('2026-12-01T07:00:00Z');
const HEAD: StateHead = {
  chainTime: '2026-12-01T08:00:00.000Z',
  timeZone: 'Europe/Berlin',
  positions: { named: true, channels: { all: [0] } },
};

/** A price of each of these SKUs. */
function prices(n: number, skus: readonly string[], change: Partial<UpdateFrame> = {}): UpdateFrame {
  const all = skus.map(sku => ({
    sku,
    amount: n,
    currency: 'EUR',
    name: `${sku}: Äpfel, die das Stück 1 € kosten`,
  }));
  return price(n, { data: { prices: all }, ...change });
}

function skus(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `4006381${String(index).padStart(6, '0')}`);
}

/** A state that is saved in `storage`, and how much is written to it. */
async function countedStorage(book: PriceBook) {
  const storage = memoryStorage();
  const parts = { book: book.snapshot(), receipts: [], unapplied: [] };
  await storage.save(new Journal(Math.random).state(HEAD, parts));
  const writes = { whole: 0, bytes: 0 };
  const counted: ClientStorage = {
    load: () => storage.load(),
    save: text => {
      writes.whole += 1;
      return storage.save(text);
    },
    append: async text => {
      writes.bytes += Buffer.byteLength(text);
      await storage.append?.(text);
    },
  };
  return { storage: counted, writes };
}

describe('a till of 50,000 articles', () => {
  let chain: ScriptedChain;
  beforeEach(async () => {
    chain = await ScriptedChain.start();
  });
  afterEach(() => chain.stop());

  // It wrote all of its state, 10 MB, and again once the receipt was accepted.
  it('writes less than 4 KB for a price, its receipt and the end of that, and has both after a restart', async () => {
    const list = new PriceBook();
    list.apply(prices(0, skus(50_000)));
    const { storage, writes } = await countedStorage(list);
    const store = chain.store({ storage });
    const line = await chain.lines.next();
    await line.sync({ all: 0 });
    await store.next('synced');
    await chain.clock.elapse(1_000);
    writes.bytes = 0;
    line.send(prices(1, ['4006381000417']));
    await store.next('applied');
    await chain.clock.elapse(1_000);
    await line.accept();
    // Behind the answer to a report: what came before it is taken.
    line.send(price(2, { id: 'behind it', kind: 'new.kind' as 'price.changed' }));
    await store.next('rejected');
    await store.client.close();
    expect(writes.whole).toBe(0);
    expect(writes.bytes).toBeGreaterThan(0);
    expect(writes.bytes).toBeLessThan(4_096);

    const again = chain.store({ storage });
    const next = await chain.lines.next();
    expect(await next.sync({ all: 2 })).toMatchObject({ positions: { all: 2 } });
    await again.next('synced');
    expect(again.client.price('4006381000417')?.amount).toBe(1);
    expect(again.client.price('4006381000418')?.amount).toBe(0);
    expect((await next.next('applied')).rejected).toMatchObject([{ id: 'behind it' }]);
  });
});

it('a storage that was given a save of its own gets everything by it', async () => {
  const chain = await ScriptedChain.start();
  try {
    const storage = memoryStorage();
    const own = { ...storage, save: (text: string) => storage.save(text) };
    const store = chain.store({ storage: own });
    const line = await chain.lines.next();
    await line.sync({ all: 0 });
    await store.next('synced');
    for (const n of [1, 2]) {
      line.send(price(n));
      await store.next('applied');
      await chain.clock.elapse(1_000);
      await line.accept();
    }
    await store.client.close();
    expect(JSON.parse((await storage.load()) ?? '')).toMatchObject({ positions: { channels: { all: [2] } } });
  } finally {
    await chain.stop();
  }
});

interface Applied {
  id: string;
  appliedAt: string;
}

/** A till without a line: what it holds, and its saves. */
class Held {
  readonly book = new PriceBook();
  receipts = new TrackedMap<Applied>();
  unapplied = new TrackedMap<UpdateFrame>();
  head = HEAD;
  journal = new Journal(Math.random);
  text = '';
  whole = 0;

  save(): void {
    const changes = this.#takeChanges();
    const change = changes && this.journal.change(this.head, changes);
    if (change === undefined) {
      const { book, receipts, unapplied } = this.state;
      this.text = this.journal.state(this.head, { book, receipts, unapplied });
      this.whole += 1;
    } else {
      this.text += change;
    }
  }

  restart(): void {
    this.journal = new Journal(Math.random);
    const { book, receipts, unapplied, ...head } = this.journal.read(this.text);
    this.book.restore(book);
    this.receipts = new TrackedMap((receipts as Applied[]).map(receipt => [receipt.id, receipt]));
    this.unapplied = new TrackedMap(unapplied.map(update => [update.id, update]));
    this.head = head;
    this.#takeChanges();
  }

  get state(): ClientState {
    const [receipts, unapplied] = [[...this.receipts.values()], [...this.unapplied.values()]];
    return { ...this.head, book: this.book.snapshot(), receipts, unapplied };
  }

  #takeChanges() {
    const book = this.book.takeChanges();
    const receipts = this.receipts.takeChanges(receipt => [receipt]);
    const unapplied = this.unapplied.takeChanges(update => [update]);
    return book && receipts && unapplied && { book, receipts, unapplied };
  }
}

/** In an order that hangs on nothing, and without what is empty. */
function sorted({ book, ...rest }: ClientState): unknown {
  const inOrder = (entries: readonly unknown[] = []) => entries.map(entry => JSON.stringify(entry)).sort();
  const { offers, paid, prices, withdrawn } = book;
  return {
    ...rest,
    receipts: inOrder(rest.receipts),
    unapplied: inOrder(rest.unapplied),
    book: {
      offers: inOrder(offers),
      paid: inOrder(Object.entries(paid ?? {})),
      prices: inOrder(prices),
      withdrawn: inOrder(withdrawn),
    },
  };
}

const saved = (text: string) => sorted(new Journal(Math.random).read(text));

type Step = (held: Held, n: number) => void;
const some = fc.uniqueArray(fc.constantFrom(...skus(30), 'constructor'), { minLength: 1 });
const channel = fc.constantFrom('all', 'region/N');
const minute = fc.nat(90);
const isoAt = (minutes: number) => new Date(START + minutes * 60_000).toISOString();
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ some, channel, from: fc.option(minute), until: fc.option(minute) }).map(
      ({ channel, from, some, until }): Step =>
        ({ book }, n) =>
          book.apply(
            prices(n, some, {
              positions: { [channel]: n },
              validFrom: from === null ? null : isoAt(from),
              validUntil: until === null ? null : isoAt(100 + until),
            }),
          ),
    ),
  },
  minute.map(
    (until): Step =>
      ({ book }, n) =>
        book.apply(offer(n % 3, isoAt(until))),
  ),
  fc.nat(3).map(
    (id): Step =>
      ({ book }, n) =>
        book.apply(price(n, { kind: 'offer.withdrawn', data: { offerId: `O${id}` } })),
  ),
  fc.tuple(some, fc.boolean(), fc.nat(9)).map(
    ([skus, isOfAll, back]): Step =>
      ({ book }, n) => {
        const updates = [`price-${n - back}`];
        const data = { updates, restored: [], ...(!isOfAll && { skus }) };
        book.apply(price(n, { kind: 'price.withdrawn', data }));
      },
  ),
  minute.map(
    (at): Step =>
      ({ book }) =>
        book.prune(START + at * 60_000),
  ),
  fc.integer({ min: 20, max: 100 }).map(
    (days): Step =>
      ({ book }) =>
        book.prune(START + days * 86_400_000),
  ),
  channel.map(
    (kept): Step =>
      ({ book }) =>
        book.become(book.ofChannels([kept])),
  ),
  fc.nat(5).map(
    (back): Step =>
      ({ receipts }, n) => {
        receipts.set(`r${n}`, { id: `r${n}`, appliedAt: isoAt(n) });
        receipts.delete(`r${n - back}`);
      },
  ),
  fc.nat(3).map(
    (back): Step =>
      ({ unapplied }, n) => {
        unapplied.set(`price-${n}`, price(n));
        unapplied.delete(`price-${n - back}`);
      },
  ),
  fc.constantFrom('Asia/Tokyo', undefined).map(
    (timeZone): Step =>
      held => {
        const { timeZone: _, ...rest } = held.head;
        held.head = { ...rest, ...(timeZone && { timeZone }) };
      },
  ),
  fc.constant<Step>(held => held.restart()),
  fc.constant<Step>(held => held.journal.startOver()),
);

describe('what is saved', () => {
  it('is what is held, after whatever happens', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 60, size: 'max' }), all => {
        const held = new Held();
        held.save();
        for (const [n, step] of all.entries()) {
          step(held, n);
          held.head = { ...held.head, positions: { named: true, channels: { all: [n, n + 2] } } };
          held.save();
          if (n % 16 === 0) expect(saved(held.text)).toEqual(sorted(held.state));
        }
        expect(saved(held.text)).toEqual(sorted(held.state));
      }),
      { numRuns: 20 },
    );
  });

  it('costs a few times what changes in the long run: it is written anew once that outgrows it', () => {
    const held = new Held();
    held.book.apply(prices(0, skus(300)));
    held.save();
    const { length } = held.text;
    let written = 0;
    let longest = 0;
    for (let n = 1; n <= 1_000; n += 1) {
      const [before, { whole }] = [held.text.length, held];
      held.book.apply(prices(n, [`4006381${String(n % 300).padStart(6, '0')}`]));
      held.book.prune(START + n * 1_000 + 1_000);
      held.save();
      written += held.whole > whole ? held.text.length : held.text.length - before;
      longest = Math.max(longest, held.text.length);
    }
    expect(held.whole).toBeGreaterThan(2);
    expect(longest).toBeLessThan(length * 3);
    expect(written / 1_000).toBeLessThan(2_048);
    expect(saved(held.text)).toEqual(sorted(held.state));
  });

  it('is the state before the last change wherever that was cut off, and is written anew then', () => {
    const held = new Held();
    held.book.apply(prices(1, skus(3)));
    held.save();
    held.book.apply(prices(2, skus(2)));
    held.save();
    const [before, state] = [Buffer.from(held.text), sorted(held.state)];
    held.book.apply(prices(3, skus(1)));
    held.receipts.set('é', { id: 'é', appliedAt: isoAt(0) });
    held.save();
    const after = Buffer.from(held.text);
    const texts = Array.from({ length: after.length - before.length }, (_, bytes) =>
      after.subarray(0, before.length + bytes).toString(),
    );
    // Power cuts also leave holes.
    const hole = Buffer.from(after).fill(0, before.length + 10, after.length - 10);
    const tail = Buffer.from(after).fill(0, before.length);
    for (const [cut, text] of [...texts, hole.toString(), tail.toString()].entries()) {
      const journal = new Journal(Math.random);
      expect(sorted(journal.read(text)), `cut after ${cut} bytes`).toEqual(state);
      const none = { prices: [], offers: [], withdrawn: [], paid: [] };
      const next = journal.change(HEAD, { book: none, receipts: [], unapplied: [] });
      if (cut === 0) expect(next).toBeDefined();
      else expect(next).toBeUndefined();
    }
    expect(saved(after.toString())).toEqual(sorted(held.state));
  });

  it.each<[string, (lines: string[]) => string[]]>([
    [
      'a change in the middle',
      ([state = '', first = '', ...rest]) => [state, first.replace('{', ''), ...rest],
    ],
    ['the state', ([state = '', ...rest]) => [state.slice(0, -1), ...rest]],
    ['a change that is gone', ([state = '', _, ...rest]) => [state, ...rest]],
    ['a change that came twice', ([state = '', first = '', ...rest]) => [state, first, first, ...rest]],
    ['changes of another state', ([state = '', ...rest]) => [state.replace(/"name":"\w+/, '$&x'), ...rest]],
    [
      'a change of another version',
      ([state = '', ...rest]) => [state, ...rest.map(l => l.replace('"book"', '"b"'))],
    ],
  ])('is unreadable by %s', (_, damage) => {
    const held = new Held();
    held.save();
    for (const n of [1, 2, 3]) {
      held.book.apply(price(n));
      held.save();
    }
    const text = `${damage(held.text.trimEnd().split('\n')).join('\n')}\n`;
    expect(text).not.toBe(held.text);
    expect(() => new Journal(Math.random).read(text)).toThrow(UnreadableStateError);
  });
});

describe('a file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'storecast-saves-'));
    path = join(folder, 'S.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('of before changes were saved is read, and goes on with them', async () => {
    const book = new PriceBook();
    book.apply(price(1));
    await writeFile(
      path,
      JSON.stringify({ version: 4, ...HEAD, book: book.snapshot(), receipts: [], unapplied: [] }),
    );
    const chain = await ScriptedChain.start();
    try {
      const store = chain.store({ storage: fileStorage(path) });
      const line = await chain.lines.next();
      expect((await line.sync({ all: 0 })).positions).toEqual({ all: 0 });
      await store.next('synced');
      expect(store.client.price('A')?.amount).toBe(100);
      await chain.clock.elapse(1_000);
      line.send(price(1));
      await store.next('applied');
      await store.client.close();
      expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
    } finally {
      await chain.stop();
    }
  });

  it('that is gone is written anew: a change without its state is worth nothing', async () => {
    const storage = fileStorage(path);
    await storage.save('state\n');
    await rm(path);
    await expect(storage.append?.('change\n')).rejects.toThrow('ENOENT');
    expect(await storage.load()).toBeUndefined();
  });

  it('holds every update that a process said to be saved before kill -9, book, position and receipt as one', async () => {
    let last = 0;
    for (let life = 1; life <= 2; life += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', tillScript(path)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'close');
      let told = 0;
      for await (const line of createInterface(child.stdout)) {
        last = Math.max(last, Number(line));
        told += 1;
        if (told === 40 + life) child.kill('SIGKILL');
      }
      await ended;
      const text = await readFile(path, 'utf8');
      const { book, positions, receipts } = new Journal(Math.random).read(text);
      const [position = 0] = positions.channels.all ?? [];
      expect(position).toBeGreaterThanOrEqual(last);
      expect(receipts.map(({ id }) => id)).toEqual([`price-${position}`]);
      const expected = new PriceBook();
      for (let n = 1; n <= position; n += 1) expected.apply(prices(n, skus(50).slice(n % 40, (n % 40) + 10)));
      expect(new PriceBook(book).hash(START)).toBe(expected.hash(START));
      // It was written anew meanwhile.
      expect(text.split('\n').length).toBeLessThan(last / 2);
    }
  });
});

/** A till that takes updates as fast as it can, and prints each that is saved. */
function tillScript(path: string): string {
  const url = (file: string) => JSON.stringify(join(process.cwd(), file));
  return `
    const { Vault } = await import(${url('client/till/vault.ts')});
    const { Backoff, RECONNECT_LIMITS } = await import(${url('client/line/backoff.ts')});
    const { fileStorage } = await import(${url('client/storage/file-storage.ts')});
    const { PriceBook } = await import(${url('domain/book/price-book.ts')});
    const skus = ${JSON.stringify(skus(50))};
    const book = new PriceBook();
    let position = 0;
    let saved = 0;
    const receipt = () => ({ id: 'price-' + position, appliedAt: '' });
    const vault = new Vault({
      storage: fileStorage(${JSON.stringify(path)}),
      random: Math.random,
      clock: { now: Date.now, after: (ms, task) => { const timer = setTimeout(task, ms / 1000); return () => clearTimeout(timer); } },
      backoff: () => new Backoff(RECONNECT_LIMITS, Math.random),
      head: () => {
        const now = position;
        return { head: { chainTime: null, positions: { named: true, channels: { all: [now] } } }, saved: () => console.log(now) };
      },
      parts: () => ({ book: book.snapshot(), receipts: [receipt()], unapplied: [] }),
      takeChanges: () => {
        const changes = book.takeChanges();
        const receipts = [['price-' + saved, []], ['price-' + position, [receipt()]]];
        saved = position;
        return changes && { book: changes, receipts, unapplied: [] };
      },
      restore: state => {
        saved = position = state.positions.channels.all[0];
        book.restore(state.book);
        book.takeChanges();
      },
      saved: () => {},
      failed: error => { console.error(error); process.exit(1); },
    });
    await vault.load();
    for (;;) {
      position += 1;
      const prices = skus.slice(position % 40, (position % 40) + 10)
        .map(sku => ({ sku, amount: position, currency: 'EUR', name: sku + ': Äpfel, die das Stück 1 € kosten' }));
      const publishedAt = new Date(${START} + position * 1000).toISOString();
      book.apply({ id: 'price-' + position, kind: 'price.changed', positions: { all: position }, publishedAt, validFrom: null, validUntil: null, data: { prices } });
      vault.touch();
      await new Promise(resolve => setTimeout(resolve, 1));
    }`;
}
