/** What was sold when: the chart, what is drawn in it, and the same figures as a table. */
import { useCallback, useState } from 'preact/hooks';
import { day, money, number, time } from '../../format.ts';
import type { Model } from '../../model/model.ts';
import {
  type Against,
  type ChartPoint,
  dayPoints,
  minutePoints,
  POINT_SECONDS,
  type Span,
} from '../../model/watched/chart-points.ts';
import { Choice } from '../choice.tsx';
import { LaterDetails } from '../later-details.tsx';
import type { Chain } from '../use-chain.ts';
import type { ChartMarker } from './chart-drawing.ts';
import { SalesChart } from './sales-chart.tsx';
import { type PastSales, usePastSales } from './use-past-sales.ts';
import './sales.css';

export interface SalesPanelProps {
  chain: Chain;
  currency: string | undefined;
  markers: readonly ChartMarker[];
  /** Until when something is known. */
  knownUntil: number;
  now: number;
}

const TABLE_ROWS = 15;
type Measure = 'amount' | 'count';
const MEASURES: Record<Measure, string> = { amount: 'Revenue', count: 'Receipts' };
const SPANS: Record<Span, string> = { hour: 'Hour', day: 'Day', week: 'Week' };
const AGAINST: Record<Against, string> = { day: 'Day before', week: 'Week before' };
const TITLES: Record<Span, string> = {
  hour: 'Sales per minute',
  day: 'Sales of today',
  week: 'Sales of seven days',
};

export function SalesPanel(props: SalesPanelProps) {
  const { chain, currency, markers, knownUntil, now } = props;
  const { api, model } = chain;
  const [measure, setMeasure] = useState<Measure>('amount');
  const [span, setSpan] = useState<Span>('hour');
  const [against, setAgainst] = useState<Against>('day');
  const past = usePastSales({ api, span, against, region: model.region, currency, now });
  const format = useCallback(
    (value: number, axis: boolean) =>
      measure === 'amount' && currency !== undefined ? money(value, currency, axis) : number(value),
    [measure, currency],
  );
  const timeOf = (at: number) => (span === 'week' ? day(at * 1_000) : time(at * 1_000, now));
  const versus = span === 'week' ? 'week' : against;
  return (
    <section class="panel" aria-labelledby="sales-title">
      <div class="panel-head">
        <h2 id="sales-title">{TITLES[span]}</h2>
        <Choice
          label="Time"
          options={Object.entries(SPANS)}
          value={span}
          choose={value => setSpan(value as Span)}
        />
        {span !== 'week' && (
          <Choice
            label="Compared with"
            options={Object.entries(AGAINST)}
            value={against}
            choose={value => setAgainst(value as Against)}
          />
        )}
        {(currency !== undefined || !model.salesLoaded) && (
          <Choice
            label="Draw"
            options={Object.entries(MEASURES)}
            value={measure}
            choose={value => setMeasure(value as Measure)}
          />
        )}
      </div>
      {currency === undefined ? (
        <Empty loaded={model.salesLoaded} />
      ) : (
        <>
          <Drawn
            points={pointsOf(span, against, model, currency, past, { now, knownUntil })}
            {...{ span, versus, measure, format, timeOf, markers, knownUntil, now }}
          />
          {past.failure !== undefined && <p class="refusal">Earlier days can’t be shown: {past.failure}.</p>}
          <LaterDetails summary="What was sold in the last 60 minutes">
            {({ SoldArticles }) => <SoldArticles chain={chain} currency={currency} now={knownUntil} />}
          </LaterDetails>
        </>
      )}
    </section>
  );
}

function pointsOf(
  span: Span,
  against: Against,
  model: Model,
  currency: string,
  { days, minutes }: PastSales,
  times: { now: number; knownUntil: number },
): ChartPoint[] {
  if (span === 'week') return dayPoints(days ?? new Map(), times.now);
  return minutePoints(span, against, { ledger: model.sales, currency, past: minutes }, times);
}

function Empty({ loaded }: { loaded: boolean }) {
  if (!loaded) return <p class="empty chart-place">Loading…</p>;
  return (
    <p class="empty chart-place">
      Nothing was sold yesterday or today. As soon as a connected store sends a sale, it is drawn here.
    </p>
  );
}

interface DrawnProps {
  points: readonly ChartPoint[];
  span: Span;
  versus: Against;
  measure: Measure;
  format: (value: number, axis: boolean) => string;
  timeOf: (at: number) => string;
  markers: readonly ChartMarker[];
  knownUntil: number;
  now: number;
}

const OF_EACH: Record<Span, string> = {
  hour: 'each of the last 60 minutes',
  day: 'each quarter of an hour of today',
  week: 'each of the last seven days',
};

function Drawn(props: DrawnProps) {
  const { points, span, versus, measure, format, timeOf, markers, knownUntil, now } = props;
  const count = points.reduce((sum, point) => sum + (point.sum?.count ?? 0), 0);
  const label = `${MEASURES[measure]} of ${OF_EACH[span]}: ${number(count)} receipts in all, the figures are in the table below`;
  const from = points[0]?.at ?? 0;
  const latest = points.filter(({ sum, isRunning }) => sum !== undefined || isRunning).slice(-TABLE_ROWS);
  return (
    <>
      <SalesChart
        points={points}
        measure={measure}
        pointSeconds={POINT_SECONDS[span]}
        format={format}
        timeOf={timeOf}
        markers={span === 'week' ? [] : markers.filter(({ at }) => at >= from)}
        knownUntil={knownUntil / 1_000}
        now={now / 1_000}
        label={label}
      />
      <p class="legend">
        <span class="swatch-now">{MEASURES[measure]}</span>
        <span class="swatch-running">still running</span>
        {points.some(({ before }) => before !== undefined) && (
          <span class="swatch-before">{AGAINST[versus].toLowerCase()}</span>
        )}
        {span !== 'week' && markers.length > 0 && <span class="swatch-marker">price or offer</span>}
      </p>
      <LaterDetails summary={`The last ${latest.length} of them as a table`}>
        {({ ChartTable }) => (
          <ChartTable
            points={latest}
            versus={AGAINST[versus]}
            value={sum => format(sum[measure], false)}
            name={MEASURES[measure]}
            timeOf={timeOf}
          />
        )}
      </LaterDetails>
    </>
  );
}
