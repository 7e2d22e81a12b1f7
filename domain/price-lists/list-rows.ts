/** The rows of a list as spreadsheets write it: with semicolons, tabs or commas between, in a file or on the clipboard. */
import { dsvFormat } from 'd3-dsv';

export interface ListRow {
  /** Where it begins; the first line is 1. */
  line: number;
  cells: readonly string[];
}

/** Without those that are empty. */
export function listRows(text: string): ListRow[] {
  const plain = text.replace(/^\uFEFF/, '');
  // Excel's own hint at the separator, which it takes for itself and does not show.
  const [hintLine = '', hint] = /^sep=(.)\r?\n/.exec(plain) ?? [];
  const body = plain.slice(hintLine.length);
  const header = body.split(/\r?\n/).find(row => row.trim() !== '') ?? '';
  const separator = hint ?? [';', '\t'].find(sign => header.includes(sign)) ?? ',';
  const rows: ListRow[] = [];
  let line = hintLine === '' ? 1 : 2;
  for (const cells of dsvFormat(separator).parseRows(unpadded(body, separator))) {
    if (cells.some(cell => cell.trim() !== '')) rows.push({ line, cells: cells.map(cell => cell.trim()) });
    line += 1 + cells.join('').split('\n').length - 1;
  }
  return rows;
}

/** A quote opens a cell also after blanks, as people type them. */
function unpadded(text: string, separator: string): string {
  return text.replaceAll(`${separator} "`, `${separator}"`);
}
