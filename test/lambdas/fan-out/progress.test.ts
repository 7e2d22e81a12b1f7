/** A checkpoint leaves nobody out, whatever the order in which posts end. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Progress } from '../../../lambdas/fan-out/progress.ts';
import type { Member } from '../../../lambdas/registry/connection-items.ts';

const member = (shard: number, index: number): Member => ({
  shard,
  member: `store#${String(index).padStart(4, '0')}`,
  connectionId: `${shard}-${index}`,
});

it('is the last member before which every post is settled, and at the end the last of all', () => {
  const turns = fc.array(fc.record({ shard: fc.integer({ min: 0, max: 2 }), settles: fc.nat(5) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(turns, fc.infiniteStream(fc.nat()), (schedule, picks) => {
      const progress = new Progress({});
      const started: Member[] = [];
      const underWay: Member[] = [];
      const check = (): void => {
        for (const one of started) {
          const isBehind = one.member > (progress.checkpoint[one.shard] ?? '');
          if (underWay.includes(one)) expect(isBehind).toBe(true);
        }
      };
      const settleOne = (): void => {
        const [one] = underWay.splice((picks.next().value ?? 0) % underWay.length, 1);
        if (one !== undefined) progress.settled(one);
        check();
      };
      for (const [index, { shard, settles }] of schedule.entries()) {
        const one = member(shard, index);
        started.push(one);
        underWay.push(one);
        progress.started(one);
        for (let settle = 0; settle < settles && underWay.length > 0; settle += 1) settleOne();
      }
      while (underWay.length > 0) settleOne();
      for (const { shard } of started) {
        const last = started.filter(one => one.shard === shard).at(-1);
        expect(progress.checkpoint[shard]).toBe(last?.member);
      }
    }),
  );
});

it('goes on from where an earlier attempt left off', () => {
  const progress = new Progress({ 0: 'store#0007', 1: 'store#0002' });
  const first = member(0, 8);
  progress.started(first);
  expect(progress.checkpoint).toEqual({ 0: 'store#0007', 1: 'store#0002' });
  progress.settled(first);
  expect(progress.checkpoint).toEqual({ 0: 'store#0008', 1: 'store#0002' });
});
