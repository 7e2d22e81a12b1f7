/** The bars of the last hour. uPlot draws on a canvas: what it shows stands in words and in a table beside it. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { time } from '../../format.ts';
import type { MinutePoint } from '../../model/figures.ts';

export interface SalesChartProps {
  points: readonly MinutePoint[];
  /** What of a minute is drawn. */
  measure: 'amount' | 'count';
  /** Writes a value, shorter for the axis. */
  format: (value: number, axis: boolean) => string;
  /** The chart in words. */
  label: string;
}

const HEIGHT = 220;

export function SalesChart({ points, measure, format, label }: SalesChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const hasDayBefore = points.some(({ dayBefore }) => dayBefore.count > 0);
  const data = series(points, measure, hasDayBefore);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const { current: element } = host;
    if (element === null) return;
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const build = () => {
      chart.current?.destroy();
      chart.current = new uPlot(optionsFor(element, format, hasDayBefore), latest.current, element);
    };
    const observer = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    build();
    observer.observe(element);
    scheme.addEventListener('change', build);
    return () => {
      scheme.removeEventListener('change', build);
      observer.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [format, hasDayBefore]);
  useEffect(() => chart.current?.setData(data), [JSON.stringify(data)]);
  return <div class="chart" ref={host} role="img" aria-label={label} />;
}

/** The running minute is a series of its own, drawn paler: it must not look like a fall in sales. */
function series(
  points: readonly MinutePoint[],
  measure: 'amount' | 'count',
  hasDayBefore: boolean,
): uPlot.AlignedData {
  const last = points.length - 1;
  return [
    points.map(({ at }) => at),
    points.map(({ sum }, index) => (index < last ? sum[measure] : null)),
    points.map(({ sum }, index) => (index === last ? sum[measure] : null)),
    ...(hasDayBefore
      ? [points.map(({ dayBefore }) => (dayBefore.count > 0 ? dayBefore[measure] : null))]
      : []),
  ];
}

/** A canvas takes neither `var()` nor `light-dark()`: the browser computes their values. */
function resolvedColor(element: HTMLElement, name: string): string {
  const probe = element.appendChild(document.createElement('span'));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function optionsFor(
  element: HTMLElement,
  format: SalesChartProps['format'],
  hasDayBefore: boolean,
): uPlot.Options {
  const color = (name: string) => resolvedColor(element, name);
  const bars = uPlot.paths.bars?.({ size: [0.75, 24] });
  const value = (_: uPlot, raw: number | null) => (raw == null ? '' : format(raw, false));
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  const bar = (fill: string) => ({
    value,
    fill,
    stroke: fill,
    width: 0,
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars }),
  });
  const dayBefore = {
    label: 'Day before',
    value,
    stroke: color('--compare'),
    width: 1.5,
    points: { show: false },
    spanGaps: true,
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    // Half a minute on both sides, since a bar is centred on its minute.
    scales: {
      x: { range: (_, min, max) => [min - 30, max + 30] },
      y: { range: (_, _min, max) => [0, Math.max(max ?? 0, 1) * 1.1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_, ticks) => ticks.map(at => time(at * 1000, at * 1000)),
        space: 70,
        size: 30,
      },
      { ...axis, size: 72, values: (_, ticks) => ticks.map(tick => format(tick, true)) },
    ],
    series: [
      { label: 'Minute', value: (_, at) => (at == null ? '' : time(at * 1000, at * 1000)) },
      { label: 'Sold', ...bar(color('--accent')) },
      { label: 'This minute', ...bar(color('--accent-pale')) },
      ...(hasDayBefore ? [dayBefore] : []),
    ],
  };
}
