/** How the values of an item's attributes are written to DynamoDB and read back. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Exact, exactFromText } from '../../domain/decimal.ts';

export type Item = Record<string, AttributeValue>;

export interface Codec<T> {
  encode(value: T): AttributeValue;
  /** @returns undefined for an attribute that holds no such value */
  decode(attribute: AttributeValue): T | undefined;
}

export const text: Codec<string> = {
  encode: S => ({ S }),
  decode: ({ S }) => S,
};

/** Deflating takes as long as the rest of reading an item: it is for texts that are many times as long. */
const PACKED_FROM = 256;

/** A text, deflated where it is long. */
export const packedText: Codec<string> = {
  encode: S => (S.length < PACKED_FROM ? { S } : { B: deflateRawSync(S, { level: 9 }) }),
  decode: ({ S, B }) => (B === undefined ? S : inflateRawSync(binaryOf(B)).toString()),
};

export const number: Codec<number> = {
  encode: value => ({ N: String(value) }),
  decode({ N }) {
    const value = Number(N);
    return Number.isNaN(value) ? undefined : value;
  },
};

/** An integer of up to 38 digits, which is what DynamoDB's numbers hold. */
export const exact: Codec<Exact> = {
  encode: value => ({ N: String(value) }),
  decode: ({ N = '' }) => (/^-?\d+$/.test(N) ? exactFromText(N) : undefined),
};

/**
 * A time in milliseconds, kept in whole seconds: DynamoDB's TTL reads no other unit. It is rounded up, so that nothing
 * expires early.
 */
export const expiry: Codec<number> = {
  encode: ms => number.encode(Math.ceil(ms / 1000)),
  decode({ N }) {
    const seconds = Number(N);
    return Number.isNaN(seconds) ? undefined : seconds * 1000;
  },
};

export const flag: Codec<boolean> = {
  encode: BOOL => ({ BOOL }),
  decode: ({ BOOL }) => BOOL,
};

export const bytes: Codec<Uint8Array> = {
  encode: B => ({ B }),
  decode: ({ B }) => (B === undefined ? undefined : binaryOf(B)),
};

/** The records of a stream have it as Base64. */
function binaryOf(binary: Uint8Array | string): Uint8Array {
  return typeof binary === 'string' ? Buffer.from(binary, 'base64') : binary;
}

/** A set of texts. DynamoDB has no empty set: such an attribute is left out. */
export const textSet: Codec<string[]> = {
  encode: values => ({ SS: [...new Set(values)] }),
  decode: ({ SS }) => SS,
};

/** One of these texts. */
export function oneOf<T extends string>(...texts: T[]): Codec<T> {
  return { encode: S => ({ S }), decode: ({ S }) => texts.find(known => known === S) };
}

/** A value as JSON. What the JSON holds is trusted: only this system writes it. */
export function json<T>(): Codec<T> {
  return {
    encode: value => ({ S: JSON.stringify(value) }),
    decode({ S = '' }) {
      try {
        return JSON.parse(S) as T;
      } catch (error) {
        if (error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
  };
}

export function listOf<T>({ encode, decode }: Codec<T>): Codec<readonly T[]> {
  return {
    encode: values => ({ L: values.map(encode) }),
    decode({ L }) {
      const values = L?.map(decode);
      return values?.includes(undefined) ? undefined : (values as T[] | undefined);
    },
  };
}

export function mapOf<T>({ encode, decode }: Codec<T>): Codec<Record<string, T>> {
  return {
    encode: values => ({ M: mapValues(values, encode) }),
    decode({ M }) {
      if (M === undefined) return undefined;
      const values: Record<string, T> = {};
      for (const [name, attribute] of Object.entries(M)) {
        const value = decode(attribute);
        if (value === undefined) return undefined;
        setOwn(values, name, value);
      }
      return values;
    },
  };
}

function mapValues<From, To>(values: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

/** Any name is a member's, `__proto__` too. A plain assignment is several times as fast as Object.fromEntries. */
function setOwn<T>(values: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') Object.defineProperty(values, name, { value, enumerable: true });
  else values[name] = value;
}
