import { describe, expect, it } from 'vitest';
import { judgeWave, type WaveFigures } from '../../../domain/updates/rollout-judgement.ts';

const rules = { soakMinutes: 15, minAppliedPercent: 95, maxRejectedPercent: 1 };
const MINUTE = 60_000;
const none: WaveFigures = { targeted: 100, applied: 0, rejected: 0, absent: 0 };

describe('a wave is judged', () => {
  it.each<[string, Partial<WaveFigures>, number, string]>([
    ['waits though all have it, until the soak is over', { applied: 100 }, 14.9, 'wait'],
    ['goes on then', { applied: 100 }, 15, 'goOn'],
    ['goes on with just enough', { applied: 95 }, 15, 'goOn'],
    ['halts with one too few', { applied: 94 }, 15, 'halt'],
    ['takes as many refusals as may be', { applied: 99, rejected: 1 }, 15, 'goOn'],
    ['halts at one more at once', { rejected: 2 }, 0, 'halt'],
    ['leaves out who was away', { targeted: 110, absent: 10, applied: 95 }, 15, 'goOn'],
    ['counts refusals against those who were there', { targeted: 199, absent: 100, rejected: 1 }, 0, 'halt'],
    ['halts where nobody was there', { absent: 100 }, 15, 'halt'],
    ['goes on where it has nobody', { targeted: 0 }, 15, 'goOn'],
  ])('%s', (_title, figures, minutes, verdict) => {
    expect(judgeWave(1, rules, { ...none, ...figures }, minutes * MINUTE)).toMatchObject({ verdict });
  });

  it('leaves stores a minute to answer, whatever the soak, and goes on as soon as they have', () => {
    const brief = { ...rules, soakMinutes: 0.05 };
    expect(judgeWave(1, brief, none, 59_000)).toEqual({ verdict: 'wait' });
    expect(judgeWave(1, brief, none, 60_000)).toMatchObject({ verdict: 'halt' });
    expect(judgeWave(1, brief, { ...none, applied: 95 }, 3_000)).toEqual({ verdict: 'goOn' });
  });
});
