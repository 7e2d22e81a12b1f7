/** What has the focus may go as soon as it has done its work: the focus stays in its row, or near. */
import { useLayoutEffect, useRef } from 'preact/hooks';

/** @returns for an element whose rows have a heading that takes the focus */
export function useKeptFocus() {
  const row = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (row.current === null || document.activeElement !== document.body) return;
    const heading = row.current.isConnected
      ? row.current.querySelector<HTMLElement>('[tabindex="-1"]')
      : null;
    (heading ?? document.getElementById('main'))?.focus({ preventScroll: true });
  });
  return {
    onFocusIn: ({ target }: FocusEvent) => {
      row.current = (target as Element).closest('li');
    },
    onFocusOut: ({ relatedTarget }: FocusEvent) => {
      // Null where the element itself has gone.
      if (relatedTarget !== null) row.current = null;
    },
  };
}
