/** Text that every JSON parser takes: RFC 7493 forbids half of a surrogate pair. */

/** The text, cut to so many UTF-16 units but never inside a character; a lone surrogate becomes U+FFFD. */
export function wellFormed(text: string, maxLength: number): string {
  const cut = text.slice(0, maxLength);
  const endsInHalf = cut.length < text.length && isHigh(text.charCodeAt(maxLength - 1));
  return (endsInHalf ? cut.slice(0, -1) : cut).replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
