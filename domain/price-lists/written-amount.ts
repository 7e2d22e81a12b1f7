/** Amounts as spreadsheets write them: with a decimal comma or point, and thousands set apart. */

/** Blanks (the narrow and the unbreakable ones, too) and apostrophes. */
const BETWEEN = /(?<=\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))/g;

/**
 * The amount with a decimal point alone, as `toMinorUnits` takes it. `1,99`, `1.234,56`, `1,234.56` and `1 234,56` can be read in
 * one way only. What can't be is left as it is, and refused there: `1.234` in euros has too many decimal places.
 */
export function plainAmount(written: string): string {
  const text = written.trim().replaceAll(BETWEEN, '');
  if (/^\d{1,3}(\.\d{3})+,\d+$/.test(text)) return text.replaceAll('.', '').replace(',', '.');
  if (/^\d{1,3}(,\d{3})+\.\d+$/.test(text)) return text.replaceAll(',', '');
  return /^\d+,\d+$/.test(text) ? text.replace(',', '.') : text;
}
