import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedAnswerError, parseAnswer } from '../../../../lambdas/gateway/post/answer-parser.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

describe('an answer', () => {
  it.each<[title: string, received: string, expected: object]>([
    ['with a length', `${OK}Content-Length: 3\r\n\r\nabc`, { status: 200, body: 'abc', keepAlive: true }],
    ['with an empty body', `${OK}content-length:0\r\n\r\n`, { body: '', keepAlive: true }],
    [
      'in chunks',
      `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n`,
      { body: 'abc0123456789', keepAlive: true },
    ],
    [
      'in chunks with trailers',
      `${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n`,
      { body: 'a', keepAlive: true },
    ],
    ['of 204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', keepAlive: true }],
    ['without a reason', 'HTTP/1.1 410\r\ncontent-length: 0\r\n\r\n', { status: 410 }],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', { keepAlive: false }],
    ['that is the last', `${OK}Connection: Close\r\nContent-Length: 0\r\n\r\n`, { keepAlive: false }],
    ['with more behind it', `${OK}Content-Length: 1\r\n\r\nabc`, { body: 'a', keepAlive: false }],
    [
      'after an interim one',
      `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 1\r\n\r\na`,
      { status: 200, body: 'a', keepAlive: true },
    ],
  ])('%s is read', (_title, received, expected) => {
    expect(parseAnswer(received)).toMatchObject(expected);
    // No piece of it is taken for the whole.
    if (!received.includes('abc') || received.endsWith('\r\n')) {
      for (let length = 0; length < received.length; length += 1) {
        expect(parseAnswer(received.slice(0, length))).toBeUndefined();
      }
    }
  });

  it('of no stated length ends with the connection', () => {
    expect(parseAnswer(`${OK}\r\nabc`)).toBeUndefined();
    expect(parseAnswer(`${OK}\r\nabc`, true)).toMatchObject({ body: 'abc', keepAlive: false });
  });

  it('gives its headers by their lower-case names, repeated ones joined', () => {
    const answer = parseAnswer(`${OK}X-Amzn-ErrorType:  Gone \r\nA: 1\r\na: 2\r\nContent-Length: 0\r\n\r\n`);
    expect(answer?.headers.get('x-amzn-errortype')).toBe('Gone');
    expect(answer?.headers.get('a')).toBe('1, 2');
  });

  it.each<[title: string, received: string]>([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a first byte that is none of HTTP', '\x15\x03\x01'],
    ['a status that is none', 'HTTP/1.1 999 What\r\n\r\n'],
    ['a status line without a status', 'HTTP/1.1 \r\n\r\n'],
    ['a header without a name', `${OK}: x\r\n\r\n`],
    ['a header without a colon', `${OK}what\r\n\r\n`],
    ['a length that is no number', `${OK}Content-Length: abc\r\n\r\n`],
    ['a negative length', `${OK}Content-Length: -1\r\n\r\n`],
    ['two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\na`],
    ['an encoding that it does not know', `${OK}Transfer-Encoding: gzip\r\n\r\n`],
    ['a chunk whose length is no number', `${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
    ['a chunk without a length', `${OK}Transfer-Encoding: chunked\r\n\r\n${'a'.repeat(100)}`],
    ['a chunk that is longer than it says', `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nabcd`],
    ['a head without an end', `${OK}x: ${'y'.repeat(70_000)}`],
    ['a body without an end', `${OK}Content-Length: 99999999\r\n\r\n${'y'.repeat(70_000)}`],
    ['a status line without an end', `HTTP/1.1 200 ${'y'.repeat(70_000)}`],
  ])('is not made of %s', (_title, received) => {
    expect(() => parseAnswer(received)).toThrow(MalformedAnswerError);
  });

  it('is read, asked for more, or refused, whatever comes', () => {
    const piece = fc.constantFrom(
      OK,
      'HTTP/',
      '\r\n',
      'Content-Length: 3',
      'Transfer-Encoding: chunked',
      '3',
      'abc',
      ':',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, ended) => {
        try {
          parseAnswer(pieces.join(''), ended);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedAnswerError);
        }
      }),
    );
  });
});
