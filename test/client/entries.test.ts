import { build } from 'esbuild';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMonotonic, systemClock } from '../../client/time/clock.ts';
import { sale } from './sales.ts';

describe('the browser entry', () => {
  it('bundles for a browser, without anything of Node, in less than 118 KB', async () => {
    const { outputFiles, errors } = await build({
      entryPoints: ['client/browser.ts'],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    });
    expect(errors).toEqual([]);
    expect(outputFiles[0]?.text).not.toMatch(/node:|(?<!\.)\bprocess\b(?!\()|\bBuffer\b/);
    expect(outputFiles[0]?.contents.length).toBeLessThan(118_000);
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

describe('a runtime that lacks what React Native and old WebViews lack', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    ['performance.timeOrigin', { now: () => 5 }],
    ['performance', undefined],
  ])('has a clock that goes on without %s', (_, performance) => {
    vi.stubGlobal('performance', performance);
    const now = createMonotonic();
    const [first, second] = [now(), now()];
    expect(Math.abs(first - Date.now())).toBeLessThan(60_000);
    expect(second).toBeGreaterThanOrEqual(first);
  });

  it('takes currencies by their form without Intl.supportedValuesOf', async () => {
    vi.resetModules();
    vi.stubGlobal('Intl', { DateTimeFormat: Intl.DateTimeFormat });
    const { checkSale } = await import('../../domain/sales/sale.ts');
    expect(checkSale(sale(1), Number.POSITIVE_INFINITY)).toHaveProperty('sale');
    expect(checkSale(sale(1, { currency: 'euro' }), Number.POSITIVE_INFINITY)).toHaveProperty('refused');
  });
});
