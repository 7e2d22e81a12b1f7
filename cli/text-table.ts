/** Prints lists: aligned for people, JSON for programs. */

/** `{"items": […]}` in one piece where `json` is wanted, else a table with these columns. */
export function printList<T extends object>(
  items: readonly T[],
  columns: Record<string, (item: T) => unknown>,
  json: boolean | undefined,
): void {
  if (json) {
    console.log(JSON.stringify({ items }));
    return;
  }
  const rows = [
    Object.keys(columns),
    ...items.map(item => Object.values(columns).map(read => cell(read(item)))),
  ];
  const widths = Object.keys(columns).map((_, column) =>
    Math.max(...rows.map(row => row[column]?.length ?? 0)),
  );
  for (const row of rows)
    console.log(
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return Array.isArray(value) ? value.join(' ') || '–' : String(value);
}
