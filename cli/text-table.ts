/** Prints lists: aligned for people, JSON for programs. */
import { escapeControls, printJson, printLine } from './print.ts';

/** `{"items": […]}` in one piece where `json` is wanted, else a table with these columns. */
export function printList<T extends object>(
  items: readonly T[],
  columns: Record<string, (item: T) => unknown>,
  json: boolean | undefined,
): void {
  if (json) {
    printJson({ items });
    return;
  }
  const rows = [
    Object.keys(columns),
    ...items.map(item => Object.values(columns).map(read => cell(read(item)))),
  ];
  const widths = Object.keys(columns).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  for (const row of rows)
    printLine(
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

/** Escaped before it is measured. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return escapeControls(Array.isArray(value) ? value.join(' ') || '–' : String(value));
}
