/** Which rows of a long table are drawn: those that can be seen, and some around them. */
import { useEffect, useRef, useState } from 'preact/hooks';

const ROW_PX = 35;
const NARROW_ROW_PX = 76;
const AROUND = 12;
/** As many rows as are drawn anyway. */
const SHORT = 60;
const NARROW = '(max-width: 600px)';

export interface RowWindow {
  first: number;
  /** Past the last one. */
  end: number;
  /** Heights of what is left out, in pixels. */
  above: number;
  below: number;
  rowPx: number;
}

/** @returns the window, and the ref of the element that scrolls */
export function useWindow(count: number) {
  const host = useRef<HTMLElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(700);
  useEffect(() => {
    const { current: element } = host;
    if (element === null) return;
    const look = () => {
      setTop(element.scrollTop);
      setHeight(element.clientHeight);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [count > 0]);
  return { host, rows: windowOf(count, top, height) };
}

function windowOf(count: number, top: number, height: number): RowWindow {
  const rowPx = matchMedia(NARROW).matches ? NARROW_ROW_PX : ROW_PX;
  if (count <= SHORT) return { first: 0, end: count, above: 0, below: 0, rowPx };
  const first = Math.min(Math.max(0, Math.floor(top / rowPx) - AROUND), Math.max(0, count - SHORT));
  const end = Math.min(count, Math.ceil((top + height) / rowPx) + AROUND);
  return { first, end, above: first * rowPx, below: (count - end) * rowPx, rowPx };
}
