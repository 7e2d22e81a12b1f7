/** The bars of the chart. uPlot draws on a canvas: what it shows stands in words and in a table beside it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { day, time } from '../../format.ts';
import type { ChartPoint } from '../../model/watched/chart-points.ts';
import { type ChartMarker, hatch, mark, tooltip } from './chart-drawing.ts';

export interface SalesChartProps {
  points: readonly ChartPoint[];
  /** What of a point is drawn. */
  measure: 'amount' | 'count';
  /** How long a point is, in seconds. */
  pointSeconds: number;
  /** Writes a value, shorter for the axis. */
  format: (value: number, axis: boolean) => string;
  /** Writes the time of a point. */
  timeOf: (at: number) => string;
  markers: readonly ChartMarker[];
  /** Seconds since the epoch: from here to `now`, nothing was heard. */
  knownUntil: number;
  now: number;
  /** The chart in words. */
  label: string;
}

const HEIGHT = 220;
const DAY_SECONDS = 86_400;

export function SalesChart(props: SalesChartProps) {
  const { points, measure, pointSeconds, format, label } = props;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const [isZoomed, setZoomed] = useState(false);
  const latest = useRef(props);
  latest.current = props;
  const data = series(points, measure);
  useEffect(() => {
    const { current: element } = host;
    if (element === null) return;
    const schemes = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map(query =>
      matchMedia(query),
    );
    const build = () => {
      chart.current?.destroy();
      const options = optionsFor(element, () => latest.current, setZoomed);
      chart.current = new uPlot(options, series(latest.current.points, measure), element);
      setZoomed(false);
    };
    const observer = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    build();
    observer.observe(element);
    for (const scheme of schemes) scheme.addEventListener('change', build);
    return () => {
      for (const scheme of schemes) scheme.removeEventListener('change', build);
      observer.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [format, pointSeconds, measure]);
  const drawn = JSON.stringify([data, props.markers, props.knownUntil < props.now && props.now]);
  useEffect(() => {
    chart.current?.setData(data, !isZoomed);
    if (isZoomed) chart.current?.redraw();
  }, [drawn, isZoomed]);
  return (
    <>
      <div class="chart" ref={host} role="img" aria-label={label} />
      {isZoomed && (
        <button type="button" class="plain" onClick={() => setZoomed(false)}>
          Show the whole time
        </button>
      )}
    </>
  );
}

/** What still runs is a series of its own, drawn paler: it must not look like a fall in sales. */
function series(points: readonly ChartPoint[], measure: 'amount' | 'count'): uPlot.AlignedData {
  const drawn = (sum: ChartPoint['sum']) => sum?.[measure] ?? null;
  return [
    points.map(({ at }) => at),
    points.map(({ sum, isRunning }) => (isRunning ? null : drawn(sum))),
    points.map(({ sum, isRunning }) => (isRunning ? drawn(sum) : null)),
    points.map(({ before }) => drawn(before)),
  ];
}

/** A canvas takes neither `var()` nor `light-dark()`: the browser computes their values. Forced, all would be one colour. */
function resolvedColor(element: HTMLElement, name: string): string {
  const probe = element.appendChild(document.createElement('span'));
  probe.style.forcedColorAdjust = 'none';
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function optionsFor(
  element: HTMLElement,
  props: () => SalesChartProps,
  setZoomed: (isZoomed: boolean) => void,
): uPlot.Options {
  const color = (name: string) => resolvedColor(element, name);
  const { format, pointSeconds } = props();
  const bars = uPlot.paths.bars?.({ size: [0.75, 60] });
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  const bar = (fill: string) => ({
    fill,
    stroke: fill,
    width: 0,
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars }),
  });
  const before = { stroke: color('--compare'), width: 2, points: { show: false }, spanGaps: false };
  const unknown = color('--muted');
  const marked = color('--text');
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    plugins: [tooltip(index => wordsAt(props(), index))],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
    // Half a point on both sides, since a bar is centred on its time.
    scales: {
      x: { range: (_, min, max) => [min - pointSeconds / 2, max + pointSeconds / 2] },
      y: { range: (_, _min, max) => [0, Math.max(max ?? 0, 1) * 1.1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_, ticks) => ticks.map(at => axisTime(at, pointSeconds)),
        space: 70,
        size: 30,
      },
      { ...axis, size: 72, values: (_, ticks) => ticks.map(tick => format(tick, true)) },
    ],
    series: [{}, bar(color('--accent')), bar(color('--accent-pale')), before],
    hooks: {
      setSelect: [chart => setZoomed(chart.select.width > 0)],
      draw: [
        chart => {
          const { knownUntil, markers, now } = props();
          // Up to the end of a minute of which something is known.
          if (now - knownUntil > pointSeconds) hatch(chart, knownUntil, now, unknown);
          for (const marker of markers) mark(chart, marker, marked);
        },
      ],
    },
  };
}

/** As a reader of this locale writes it, which uPlot doesn't know. */
function axisTime(at: number, pointSeconds: number): string {
  return pointSeconds < DAY_SECONDS ? time(at * 1_000, at * 1_000) : day(at * 1_000);
}

function wordsAt(props: SalesChartProps, index: number): string[] {
  const { points, measure, format, timeOf, markers, pointSeconds } = props;
  const point = points[index];
  if (point === undefined) return [];
  const { at, sum, before, isRunning } = point;
  const near = markers.filter(marker => Math.abs(marker.at - at) <= pointSeconds);
  return [
    `${timeOf(at)}${isRunning ? ' (running)' : ''}`,
    sum === undefined ? 'not known' : format(sum[measure], false),
    ...(before === undefined ? [] : [`before: ${format(before[measure], false)}`]),
    ...near.map(({ label }) => label),
  ];
}
