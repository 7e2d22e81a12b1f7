/** What a handshake's headers say: the page it comes from, and how the line calls itself. */
import { describe, expect, it } from 'vitest';
import { comesFromAllowedOrigin, lineName } from '../../../lambdas/identity/handshake-headers.ts';

describe('a packaged till', () => {
  const origins = ['file://', 'null', 'capacitor://localhost', 'app://till'];

  it.each(origins)('of the origin %s is let in where that is allowed, and nowhere else', origin => {
    expect(comesFromAllowedOrigin({ origin, host: 'x' }, origins)).toBe(true);
    const others = origins.filter(other => other !== origin);
    expect(comesFromAllowedOrigin({ origin, host: 'x' }, others)).toBe(false);
  });
});

describe('a line', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['by the header', { 'Storecast-Line': 'till-1' }, 'till-1'],
    ['by the subprotocol', { 'sec-websocket-protocol': 'storecast.v1, line.till-2, bearer.x' }, 'till-2'],
    ['not at all', { 'sec-websocket-protocol': 'storecast.v1' }, undefined],
    ['by what is no name', { 'storecast-line': '<b>till</b>' }, undefined],
  ])('names itself %s', (_title, headers, name) => {
    expect(lineName(headers)).toBe(name);
  });
});
