import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChainFrame } from '../../../domain/protocol/chain-frames.ts';
import { FrameError } from '../../../domain/protocol/frame-error.ts';
import { type Action, MAX_RECEIPTS, parseStoreFrame } from '../../../domain/protocol/store-frames.ts';
import { encodeUpdate } from '../../../domain/updates/update.ts';

const at = '2026-12-01T08:00:00.000Z';
const ping = { action: 'ping' };
const sync = { action: 'sync' };
const applied = { action: 'applied', updates: [{ id: 'u1', appliedAt: at }] };
const positions = { all: 3, 'store/s1': 0 };

const parse = (frame: unknown) => parseStoreFrame(JSON.stringify(frame));

function refusal(text: string): FrameError {
  try {
    parseStoreFrame(text);
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error('the frame was taken');
}

describe('a frame from a store', () => {
  it.each<[string, object, object]>([
    ['a ping', ping, ping],
    ['a request id of text', { ...ping, requestId: 'r-1' }, { ...ping, requestId: 'r-1' }],
    ['a request id of a number', { ...ping, requestId: 7 }, { ...ping, requestId: 7 }],
    ['a property from a later version, which is left out', { ...ping, colour: 'red' }, ping],
    ['a sync from the start', sync, sync],
    ['a sync past positions', { ...sync, positions }, { ...sync, positions }],
    ['a sync from a place in the current state', { ...sync, cursor: 'k3f' }, { ...sync, cursor: 'k3f' }],
    ['receipts', applied, { ...applied, rejected: [] }],
    [
      'refusals',
      { action: 'applied', rejected: [{ id: 'u1', reason: 'unknown SKU' }], positions },
      { action: 'applied', updates: [], rejected: [{ id: 'u1', reason: 'unknown SKU' }], positions },
    ],
    [
      'a time of application in another zone',
      { action: 'applied', updates: [{ id: 'u1', appliedAt: '2026-12-01T09:00:00+01:00' }] },
      { action: 'applied', updates: [{ id: 'u1', appliedAt: at }], rejected: [] },
    ],
    [
      'as many receipts as a frame may carry',
      { ...applied, updates: receipts(MAX_RECEIPTS) },
      { ...applied, updates: receipts(MAX_RECEIPTS), rejected: [] },
    ],
  ])('is taken with %s', (_title, frame, taken) => {
    expect(parse(frame)).toEqual(taken);
  });

  it('takes no position from the name of an object property', () => {
    const text = '{"action":"sync","positions":{"__proto__":7,"all":1}}';
    expect(parseStoreFrame(text)).toEqual({ action: 'sync', positions: { all: 1 } });
  });
});

describe('a frame that is taken in spite of', () => {
  it('a null request id: many libraries write null for what is absent', () => {
    expect(parseStoreFrame('{"action":"ping","requestId":null}')).toEqual({ action: 'ping' });
  });

  it('a long reason, which is cut: a receipt must not be repeated for ever', () => {
    const frame = parseStoreFrame(
      JSON.stringify({ ...applied, rejected: [{ id: 'u1', reason: 'x'.repeat(600) }] }),
    );
    expect(frame).toMatchObject({ rejected: [{ id: 'u1', reason: 'x'.repeat(500) }] });
  });

  it.each([
    ['half of an emoji', '\ud83e sold out', '\ufffd sold out'],
    ['an emoji at the cut', `${'x'.repeat(499)}🥖`, 'x'.repeat(499)],
    ['control characters, which would reach a terminal', 'a\u001b[2J\r\nb\u009b', 'a [2J  b '],
  ])('a reason with %s: it is stored as plain text', (_title, reason, stored) => {
    const frame = parseStoreFrame(JSON.stringify({ ...applied, rejected: [{ id: 'u1', reason }] }));
    expect(frame).toMatchObject({ rejected: [{ id: 'u1', reason: stored }] });
  });

  it('negative positions, which earlier clients saved: they are the start', () => {
    expect(parseStoreFrame('{"action":"sync","positions":{"all":-8,"store/s1":2}}')).toEqual({
      action: 'sync',
      positions: { all: 0, 'store/s1': 2 },
    });
  });
});

describe('a frame that is refused', () => {
  it.each<[string, string]>([
    ['an empty text', ''],
    ['half a frame', '{"action":'],
    ['two frames', '{"action":"ping"} {"action":"ping"}'],
    ['a word', 'ping'],
    ['a byte order mark', '\ufeff{"action":"ping"}'],
    ['single quotes', "{'action':'ping'}"],
  ])('is no JSON: %s', (_title, text) => {
    expect(refusal(text)).toMatchObject({
      code: 'invalid_json',
      message: 'the frame is not JSON',
      requestId: undefined,
    });
  });

  it.each<unknown>([null, 1, 'ping', [], [ping], true])('is no object: %j', value => {
    expect(refusal(JSON.stringify(value))).toMatchObject({
      code: 'invalid_frame',
      message: 'the frame must be a JSON object',
    });
  });

  it.each<[string, object]>([
    ['none', {}],
    ['null', { action: null }],
    ['a number', { action: 7 }],
    ['a list', { action: ['ping'] }],
    ['one that only its prototype has', JSON.parse('{"__proto__":{"action":"ping"}}')],
  ])('has no action: %s', (_title, frame) => {
    expect(refusal(JSON.stringify(frame))).toMatchObject({
      code: 'invalid_frame',
      message: 'action: must be a string',
    });
  });

  it.each(['dance', '', 'PING', 'ping ', 'toString', '__proto__', 'update'])(
    "has the unknown action '%s'",
    action => {
      expect(refusal(JSON.stringify({ action, requestId: 'r-1' }))).toMatchObject({
        code: 'unknown_action',
        message: `action '${action}' is unknown`,
        requestId: 'r-1',
      });
    },
  );

  it('is answered with no more than the beginning of an unknown action', () => {
    expect(refusal(JSON.stringify({ action: 'x'.repeat(30_000) })).message.length).toBeLessThan(100);
  });

  const receipt = (change: object) => ({ ...applied, updates: [{ id: 'u1', appliedAt: at, ...change }] });

  it.each<[string, object, place: string]>([
    ['a request id of an object', { ...ping, requestId: {} }, 'requestId'],
    ['a request id of 129 characters', { ...ping, requestId: 'x'.repeat(129) }, 'requestId'],
    ['null positions', { ...sync, positions: null }, 'positions'],
    ['positions of text', { ...sync, positions: 'all' }, 'positions'],
    ['a list of positions', { ...sync, positions: [] }, 'positions'],
    ['a list of positions of receipts', { ...applied, positions: [1] }, 'positions'],
    ['half a position', { ...sync, positions: { all: 0.5 } }, 'positions.all'],
    ['a position of text', { ...sync, positions: { all: '1' } }, 'positions.all'],
    ['a position past what a double holds', { ...sync, positions: { all: 2 ** 53 } }, 'positions.all'],
    ['a channel of 81 characters', { ...sync, positions: { ['x'.repeat(81)]: 1 } }, 'positions.x+'],
    ['receipts that are no list', { ...applied, updates: {} }, 'updates'],
    ['a null receipt', { ...applied, updates: [null] }, 'updates.0'],
    ['a receipt without an id', { ...applied, updates: [{ appliedAt: at }] }, 'updates.0.id'],
    ['a receipt without a time', { ...applied, updates: [{ id: 'u1' }] }, 'updates.0.appliedAt'],
    ['a receipt for no name', receipt({ id: 'a/b' }), 'updates.0.id'],
    ['a receipt without a zone', receipt({ appliedAt: '2026-12-01T08:00:00' }), 'updates.0.appliedAt'],
    ['a refusal without a reason', { ...applied, rejected: [{ id: 'u1' }] }, 'rejected.0.reason'],
    ['more receipts than a frame may carry', { ...applied, updates: receipts(MAX_RECEIPTS + 1) }, 'updates'],
  ])('has %s', (_title, frame, place) => {
    const { code, message } = refusal(JSON.stringify(frame));
    expect(code).toBe('invalid_frame');
    expect(message).toMatch(new RegExp(`^${place}: .`));
  });

  it('brings back the request id of a frame that is invalid elsewhere', () => {
    const frame = { ...sync, requestId: 7, positions: { all: 0.5 } };
    expect(refusal(JSON.stringify(frame)).requestId).toBe(7);
  });

  it('names ten places at most, and counts the others', () => {
    const updates = Array.from({ length: MAX_RECEIPTS }, () => ({}));
    const parts = refusal(JSON.stringify({ ...applied, updates })).message.split('; ');
    expect(parts).toHaveLength(11);
    expect(parts.at(-1)).toBe('and 190 more');
  });

  it('is answered shortly, however long its names are', () => {
    const positions = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`${index}`.repeat(1_000), -0.5]),
    );
    expect(refusal(JSON.stringify({ ...sync, positions })).message.length).toBeLessThan(4_096);
  });

  // JSON.parse makes Infinity of it, which JSON can't give back.
  it('has a request id that no double holds, and is answered without it', () => {
    const { code, message, requestId } = refusal('{"action":"ping","requestId":1e999}');
    expect({ code, requestId }).toEqual({ code: 'invalid_frame', requestId: undefined });
    expect(message).toMatch(/^requestId: ./);
  });
});

describe('whatever a store sends', () => {
  const actions: readonly string[] = ['ping', 'sync', 'applied'] satisfies Action[];
  /** Frames that are nearly right reach further than any text does. */
  const almostFrames = fc.record(
    {
      action: fc.oneof(fc.constantFrom(...actions), fc.jsonValue()),
      requestId: fc.jsonValue(),
      positions: fc.oneof(fc.dictionary(fc.string(), fc.integer()), fc.jsonValue()),
      updates: fc.oneof(fc.array(fc.record({ id: fc.string(), appliedAt: fc.string() })), fc.jsonValue()),
      rejected: fc.oneof(fc.array(fc.record({ id: fc.string(), reason: fc.string() })), fc.jsonValue()),
    },
    { requiredKeys: ['action'] },
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    almostFrames.map(frame => JSON.stringify(frame)),
  );

  it('is a frame of a known action, which parses to itself, or a FrameError with its code', () => {
    fc.assert(
      fc.property(texts, text => {
        const outcome = attempt(() => parseStoreFrame(text));
        if (outcome instanceof FrameError) {
          expect(['invalid_json', 'invalid_frame', 'unknown_action']).toContain(outcome.code);
          expect(outcome.message).not.toBe('');
        } else {
          expect(actions).toContain(outcome.action);
          expect(parse(outcome)).toEqual(outcome);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('stops a client no more than the chain', () => {
    fc.assert(
      fc.property(texts, text => {
        const outcome = attempt(() => parseChainFrame(text));
        if (outcome instanceof FrameError) expect(['invalid_json', 'invalid_frame']).toContain(outcome.code);
      }),
      { numRuns: 1_000 },
    );
  });

  /** What a parser answers, or its FrameError; anything else that it throws fails the test. */
  function attempt<T>(run: () => T): T | FrameError {
    try {
      return run();
    } catch (error) {
      if (error instanceof FrameError) return error;
      throw error;
    }
  }
});

describe('a frame from the chain', () => {
  const update = {
    type: 'update',
    id: 'u1',
    kind: 'offer.withdrawn',
    positions: { all: 1 },
    publishedAt: at,
    validFrom: null,
    validUntil: null,
    data: { offerId: 'O' },
  };
  const synced = {
    type: 'synced',
    recovered: true,
    updates: [update],
    positions,
    more: false,
    serverTime: at,
  };

  it.each<object>([
    { type: 'pong', positions, serverTime: at },
    { type: 'pong', requestId: 'r-1', positions: {}, serverTime: at },
    synced,
    { type: 'applied.accepted', requestId: 7, ids: ['u1'] },
    { type: 'error', code: 'rate_limited', message: 'slower, please' },
    { type: 'error', code: 'a code of a later version', message: '…' },
    { type: 'closing', reason: 'replaced' },
    { type: 'closing', reason: 'replaced', by: 'a-2' },
    { type: 'synced', recovered: false, updates: [], cursor: 'c', first: true, more: true, serverTime: at },
    update,
  ])('is taken: $type', frame => {
    expect(parseChainFrame(JSON.stringify(frame))).toEqual(frame);
  });

  it('is taken as encodeUpdate wrote it', () => {
    const { type, positions: _, ...content } = update;
    const text = encodeUpdate({ ...content, kind: 'offer.withdrawn', audience: undefined }, { all: 1 });
    expect(parseChainFrame(text)).toEqual({ ...content, type, positions: { all: 1 } });
  });

  it.each<[string, object]>([
    ["the gateway's own error", { message: 'Internal server error', connectionId: 'c=', requestId: 'r' }],
    ['a type of a later version', { type: 'weather', sun: true }],
    ['no type', {}],
    ['a type that is no text', { type: 7 }],
  ])('passes unread: %s', (_title, frame) => {
    expect(parseChainFrame(JSON.stringify(frame))).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['an update without its data', { ...update, data: undefined }, 'data'],
    ['an update without its positions', { ...update, kind: 'price.dropped', positions: 7 }, 'positions'],
    ['a pong without positions', { type: 'pong', serverTime: at }, 'positions'],
    ['an answer whose updates are no list', { ...synced, updates: {} }, 'updates'],
  ])('is refused: %s', (_title, frame, place) => {
    expect(() => parseChainFrame(JSON.stringify(frame))).toThrow(
      expect.objectContaining({ code: 'invalid_frame', message: expect.stringContaining(place) }),
    );
  });

  it('is taken without the updates that are broken, of which it tells; one of an unknown kind is none', () => {
    const unknown = { type: 'update', id: 'u2', kind: 'price.dropped', positions: { all: 2 } };
    const updates = [{ ...update, id: 7 }, update, { ...unknown, data: 7 }, 'update'];
    const problems: string[] = [];
    const frame = parseChainFrame(JSON.stringify({ ...synced, updates }), ({ message }) =>
      problems.push(message),
    );
    expect(frame).toEqual({ ...synced, updates: [update, unknown] });
    expect(problems).toEqual([expect.stringContaining('id'), expect.any(String)]);
  });

  it.each(['', '{', '[]', 'null'])('is refused when it is no JSON object: %j', text => {
    expect(() => parseChainFrame(text)).toThrow(FrameError);
  });
});

function receipts(count: number): { id: string; appliedAt: string }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `u${index}`, appliedAt: at }));
}
