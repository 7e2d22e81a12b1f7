import { BlockList, isIP } from 'node:net';
import { InvalidEventPatternError } from './pattern-error.ts';
import type { Accepts } from './pattern-match.ts';

/** What event-ruler takes for an address: no zone, no IPv4 tail in an IPv6 address. */
const looksLikeAddress = /^(?:\d+\.\d+\.\d+\.\d+|[0-9a-f:]*:[0-9a-f:]*)$/i;

/** The operand of `cidr`: an IPv4 or IPv6 address and the bits of its mask. */
export function cidr(operand: unknown, at: string): Accepts {
  // Not a slip of ours: AWS names the wrong operator here.
  if (typeof operand !== 'string') {
    throw new InvalidEventPatternError('prefix match pattern must be a string', at);
  }
  const [address = '', mask, ...surplus] = operand.split('/');
  if (!mask || surplus.length > 0) {
    throw new InvalidEventPatternError("Malformed CIDR, one '/' required", at);
  }
  const maskBits = parseMask(mask, at);
  const family = checkAddress(address, at);
  // A mask of all bits is refused by AWS too: one address is written as an exact value.
  const bits = family === 'ipv4' ? 32 : 128;
  if (maskBits >= bits) {
    throw new InvalidEventPatternError(`IPv${family === 'ipv4' ? 4 : 6} mask bits must be < ${bits}`, at);
  }
  const range = new BlockList();
  range.addSubnet(address, maskBits, family);
  return contains(range);
}

/** A string in a pattern that is an address matches every way to write it; undefined for any other string. */
export function sameAddress(text: string): Accepts | undefined {
  const family = familyOf(text);
  if (!family) return undefined;
  const address = new BlockList();
  address.addAddress(text, family);
  return contains(address);
}

function contains(range: BlockList): Accepts {
  return value => {
    const family = typeof value === 'string' ? familyOf(value) : undefined;
    return family !== undefined && range.check(String(value), family);
  };
}

function familyOf(text: string): 'ipv4' | 'ipv6' | undefined {
  if (!looksLikeAddress.test(text)) return undefined;
  const version = isIP(text);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}

function parseMask(mask: string, at: string): number {
  if (!/^[+-]?\d+$/.test(mask)) {
    throw new InvalidEventPatternError('Malformed CIDR, mask bits must be an integer', at);
  }
  const bits = Number(mask);
  if (bits < 0) throw new InvalidEventPatternError('Malformed CIDR, mask bits must not be negative', at);
  return bits;
}

function checkAddress(address: string, at: string): 'ipv4' | 'ipv6' {
  const family = familyOf(address);
  if (family) return family;
  const kind = looksLikeAddress.test(address) ? 'Invalid' : 'Nonstandard';
  throw new InvalidEventPatternError(`${kind} IP address: ${address}`, at);
}
