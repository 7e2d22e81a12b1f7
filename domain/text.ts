/** Text that every JSON parser takes (RFC 7493 forbids half of a surrogate pair) and every terminal can show. */

const CONTROL = /\p{Control}/u;

/** Whether it has no control characters and no half of a surrogate pair. */
export function isPlainText(text: string): boolean {
  return !CONTROL.test(text) && !/\p{Surrogate}/u.test(text);
}

/** One line of plain text of at most so many UTF-16 units, never cut inside a character. */
export function plainText(text: string, maxLength: number): string {
  return wellFormed(text, maxLength).replaceAll(/\p{Control}/gu, ' ');
}

/** The text, cut to so many UTF-16 units but never inside a character; a lone surrogate becomes U+FFFD. */
export function wellFormed(text: string, maxLength: number): string {
  const cut = text.slice(0, maxLength);
  const endsInHalf = cut.length < text.length && isHigh(text.charCodeAt(maxLength - 1));
  return (endsInHalf ? cut.slice(0, -1) : cut).replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
