/** Whatever comes over the line besides sales: it is answered, and costs nobody the line. See sales-fuzz for the sales. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { patience } from '../patience.ts';
import { connectStore } from './store.ts';
import { openSystem } from './system.ts';

const system = await openSystem();

const anything = fc.jsonValue({ maxDepth: 3 });
const some = (values: Record<string, fc.Arbitrary<unknown>>) => fc.record(values, { requiredKeys: [] });
const names = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  '',
  'all',
  'store/x',
  'region/',
  'a'.repeat(3_000),
);
const position = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger(), anything);
const positions = fc.oneof(fc.dictionary(fc.oneof(names, fc.string()), position, { maxKeys: 5 }), anything);
const receipt = fc.oneof(
  some({
    id: fc.oneof(names, anything),
    appliedAt: fc.oneof(fc.constant('2026-02-30T00:00:00Z'), anything),
    reason: anything,
  }),
  anything,
);
const receipts = fc.oneof(fc.array(receipt, { maxLength: 4 }), anything);
const action = fc.constantFrom('sync', 'applied', 'ping', 'sales', 'SYNC', '__proto__', 'constructor');
const frames = fc.oneof(
  some({
    action: fc.oneof(action, anything),
    requestId: anything,
    positions,
    updates: receipts,
    rejected: receipts,
  }),
  anything,
);
/** A good frame with a hole or a patch in its text. */
const torn = fc
  .tuple(fc.nat(), fc.nat({ max: 9 }), fc.string({ maxLength: 4 }))
  .map(([at, length, patch]) => {
    const whole = JSON.stringify({
      action: 'applied',
      updates: [{ id: 'u', appliedAt: '2026-01-01T00:00:00Z' }],
      positions: { all: 1 },
    });
    const from = at % whole.length;
    return whole.slice(0, from) + patch + whole.slice(from + length);
  });
const deep = fc.constantFrom('[', '{"action":').map(open => open.repeat(2_500));

const ANSWERS = ['error', 'synced', 'applied.accepted', 'sales.accepted', 'pong'];

test('whatever frame is sent has one answer, none of them internal, and the line stays open', {
  timeout: patience(60_000),
}, async () => {
  const store = await connectStore(system);
  const texts = fc.oneof(
    { weight: 6, arbitrary: frames.map(frame => JSON.stringify(frame)) },
    { weight: 2, arbitrary: torn },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1 }) },
    { weight: 1, arbitrary: deep },
  );
  await fc.assert(
    fc.asyncProperty(texts, async text => {
      store.send(text);
      const answer = await store.answer();
      expect(ANSWERS).toContain(answer.type);
      expect(answer.code).not.toBe('internal');
    }),
    { numRuns: 250 },
  );
  // So many frames in a few seconds may be too many: then it is told so, and answered again when it waits.
  const isAnswered = async () => (await store.ping()).type === 'pong';
  expect(await vi.waitUntil(isAnswered, { timeout: patience(20_000), interval: 1_000 })).toBe(true);
});
