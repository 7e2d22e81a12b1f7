/** Whatever marketing puts on the bus is published, or lies in the dead-letter queue with its reason: nothing between. */
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { patience } from '../patience.ts';
import { connectStore } from './store.ts';
import { openSystem, type Publication, unique } from './system.ts';

const system = await openSystem();
const price = { sku: 'A', amount: 199, currency: 'EUR' };
const good: Record<string, Record<string, unknown>> = {
  PriceChanged: { prices: [price] },
  OfferPublished: {
    offerId: 'o',
    title: 'Two for one',
    skus: ['A'],
    discount: { percent: 50 },
    validUntil: '2035-01-01T00:00:00Z',
  },
  OfferWithdrawn: { offerId: 'o' },
};

const anything = fc.jsonValue({ maxDepth: 3 });
const fields = [
  'prices',
  'offerId',
  'title',
  'skus',
  'discount',
  'validFrom',
  'validUntil',
  'audience',
  'updateId',
  'publishedAt',
  'priceList',
];
const value = fc.oneof(
  anything,
  fc.string({ unit: 'binary' }),
  fc.constantFrom<unknown>(
    '__proto__',
    'x'.repeat(5_000),
    { ...price, sku: 'constructor' },
    [{ ...price, amount: Number.MAX_SAFE_INTEGER }, price],
    [{ ...price, amount: -0 }],
    { stores: ['__proto__', 'constructor'] },
    { stores: Array.from({ length: 200 }, (_, index) => `s${index}`) },
    { regions: [''], groups: [] },
    '2035-01-01T00:00:00.123456789+14:00',
    '+275760-09-13T00:00:00Z',
  ),
);
const detail = fc
  .tuple(
    fc.constantFrom(...Object.keys(good)),
    fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 2 }),
  )
  .map(([type, change]) => ({ type, detail: { ...good[type], ...change } }));
const wild = fc
  .tuple(
    fc.oneof(fc.constantFrom('PriceChanged', 'toString', '__proto__'), fc.string({ minLength: 1 })),
    fc.object(),
  )
  .map(([type, object]) => ({ type, detail: object }));
const publication: fc.Arbitrary<Publication> = fc.oneof(
  { weight: 4, arbitrary: detail },
  { weight: 1, arbitrary: wild },
);

/** By the ids of their events; whoever asks for one may find another's first. */
const reasons = new Map<string, string>();

async function readDeadLetters(): Promise<void> {
  const { Messages = [] } = await system.clients.queues.send(
    new ReceiveMessageCommand({
      QueueUrl: system.outputs.DeadLetterQueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 60,
    }),
  );
  for (const { Body = '{}' } of Messages) {
    const { event, reason } = JSON.parse(Body) as { event?: { id: string }; reason?: string };
    if (event !== undefined) reasons.set(event.id, reason ?? '');
  }
  if (Messages.length > 0) await readDeadLetters();
}

async function isPublished(updateId: string): Promise<boolean> {
  const response = await system.request('GET', `updates/${encodeURIComponent(updateId)}`);
  return response.status === 200;
}

test('every event that the bus takes is published or refused with a reason', {
  timeout: patience(90_000),
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(publication, { minLength: 10, maxLength: 20 }), async publications => {
      const open = new Map<string, Publication>();
      for (const each of publications) {
        const { EventId, ErrorCode } = await system.put(each);
        if (EventId === undefined) expect(ErrorCode).toEqual(expect.any(String));
        else open.set(EventId, each);
      }
      await vi
        .waitUntil(
          async () => {
            await readDeadLetters();
            for (const [eventId, { detail: told }] of open) {
              const { updateId } = told as { updateId?: unknown };
              const reason = reasons.get(eventId);
              if (reason !== undefined) expect(reason).toMatch(/\w{4}/);
              if (
                reason !== undefined ||
                (await isPublished(typeof updateId === 'string' ? updateId : eventId))
              )
                open.delete(eventId);
            }
            return open.size === 0;
          },
          { timeout: patience(15_000), interval: 50 },
        )
        .catch(() => expect([...open.values()], 'neither published nor refused').toEqual([]));
    }),
    { numRuns: 6, endOnFailure: true },
  );
  const store = await connectStore(system, { region: unique('region') });
  await store.update(await system.publish('PriceChanged', { prices: [price] }));
});
