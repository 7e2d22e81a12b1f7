import { build } from 'esbuild';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../client/time/clock.ts';

describe('the browser entry', () => {
  it('bundles for a browser, without anything of Node, in less than 48 KB', async () => {
    const { outputFiles, errors } = await build({
      entryPoints: ['client/browser.ts'],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    });
    expect(errors).toEqual([]);
    expect(outputFiles[0]?.text).not.toMatch(/node:|\bprocess\b|\bBuffer\b/);
    expect(outputFiles[0]?.contents.length).toBeLessThan(48_000);
  });
});

describe("the device's clock", () => {
  it('waits for longer than a timeout of the runtime can', () => {
    vi.useFakeTimers();
    try {
      const days = 45 * 86_400_000;
      const due = vi.fn();
      systemClock.after(days, due);
      vi.advanceTimersByTime(days - 1);
      expect(due).not.toHaveBeenCalled();
      vi.advanceTimersByTime(2);
      expect(due).toHaveBeenCalledOnce();
      const cancel = systemClock.after(days, due);
      cancel();
      vi.advanceTimersByTime(days + 1);
      expect(due).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });
});
