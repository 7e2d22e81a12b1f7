import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameLengthGuard } from '../../../../local/apigateway/websocket/frame-length-guard.ts';

const limit = 32 * 1024;

/** A client's frame: masked, its length in the shortest form that fits. */
function frame(length: number, options: { opcode?: number; fin?: boolean; mask?: boolean } = {}): Buffer {
  const { opcode = 1, fin = true, mask = true } = options;
  const header = [(fin ? 0x80 : 0) | opcode];
  const masked = mask ? 0x80 : 0;
  if (length < 126) header.push(masked | length);
  else if (length < 65_536) header.push(masked | 126, length >> 8, length & 0xff);
  else
    header.push(
      masked | 127,
      0,
      0,
      0,
      0,
      length >>> 24,
      (length >> 16) & 0xff,
      (length >> 8) & 0xff,
      length & 0xff,
    );
  return Buffer.concat([Buffer.from(header), Buffer.alloc(mask ? 4 : 0, 0xff), Buffer.alloc(length, 0x81)]);
}

describe('FrameLengthGuard', () => {
  it.each([
    ['the largest frame allowed', frame(limit), false],
    ['one byte more', frame(limit + 1), true],
    ['a length in 64 bits', frame(70_000), true],
    ['an unmasked frame', frame(limit + 1, { mask: false }), true],
    ['a fragment', frame(limit + 1, { fin: false }), true],
    ['an empty frame', frame(0), false],
  ])('judges %s by its header', (_what, bytes, expected) => {
    expect(new FrameLengthGuard(limit).follow(bytes)).toBe(expected);
  });

  it('trips on the header alone, before any payload came', () => {
    const guard = new FrameLengthGuard(limit);
    expect(guard.follow(frame(40_000).subarray(0, 4))).toBe(true);
  });

  it('counts the messages before the frame that is too long, and none after it', () => {
    const guard = new FrameLengthGuard(limit);
    const fragmented = [frame(10, { fin: false }), frame(0, { opcode: 9 }), frame(10, { opcode: 0 })];
    guard.follow(Buffer.concat([frame(5), ...fragmented, frame(limit + 1), frame(5)]));
    expect([guard.tripped, guard.messages]).toEqual([true, 2]);
  });

  it('finds the same frames however TCP cuts them', () => {
    const lengths = fc.array(fc.constantFrom(0, 1, 125, 126, 127, 300, 32_768), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, cuts, (sizes, steps) => {
        const bytes = Buffer.concat([...sizes.map(size => frame(size)), frame(limit + 1)]);
        const guard = new FrameLengthGuard(limit);
        let trips = 0;
        let at = 0;
        for (let turn = 0; at < bytes.length; turn += 1) {
          const step = steps[turn % steps.length] ?? 1;
          trips += Number(guard.follow(bytes.subarray(at, at + step)));
          at += step;
        }
        expect([trips, guard.messages]).toEqual([1, sizes.length]);
      }),
      { numRuns: 30 },
    );
  });
});
