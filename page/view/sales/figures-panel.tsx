/** The four figures on top: today, the last hour, the minute that runs, the stores. */
import type { ComponentChildren } from 'preact';
import { change, money, number, plural, time } from '../../format.ts';
import { type Comparison, lastHour, startOfYesterday, today } from '../../model/figures.ts';
import type { Model } from '../../model/model.ts';
import { minuteAt } from '../../model/sales-ledger.ts';

export interface FiguresProps {
  model: Model;
  /** undefined while nothing was sold. */
  currency: string | undefined;
  now: number;
}

export function Figures({ model, currency, now }: FiguresProps) {
  if (currency === undefined) return <NoSales model={model} />;
  const day = today(model.sales, currency, now);
  const hour = lastHour(model.sales, currency, now);
  const running = model.sales.at(minuteAt(now), currency);
  return (
    <section class="figures" aria-label="Figures">
      <Figure label="Sales today" value={money(day.total.amount, currency)} id="today">
        {plural(day.total.count, 'sale')} ·{' '}
        <Versus figures={day} before={`yesterday up to ${time(day.beforeTo, day.beforeTo)}`} />
      </Figure>
      <Figure label="Last 60 minutes" value={money(hour.total.amount, currency)} id="hour">
        {plural(hour.total.count, 'sale')} ·{' '}
        <Versus figures={hour} before={`${time(hour.beforeFrom, now)} to ${time(hour.beforeTo, now)}`} />
      </Figure>
      <Figure
        label={`This minute, since ${time(now, now)}`}
        value={money(running.amount, currency)}
        id="minute"
      >
        {plural(running.count, 'sale')} so far
      </Figure>
      <StoresFigure model={model} />
    </section>
  );
}

function NoSales({ model }: { model: Model }) {
  const hint = model.salesLoaded
    ? `since ${new Date(startOfYesterday(Date.now())).toLocaleDateString()}`
    : 'loading…';
  return (
    <section class="figures" aria-label="Figures">
      <Figure label="Sales today" value={model.salesLoaded ? '0' : '…'} id="today">
        {model.salesLoaded ? `no sale ${hint}` : hint}
      </Figure>
      <StoresFigure model={model} />
    </section>
  );
}

function StoresFigure({ model }: { model: Model }) {
  const { stores } = model;
  const connected = stores.filter(store => store.connected).length;
  const off = stores.length - connected;
  return (
    <Figure
      label="Stores connected"
      value={model.storesLoaded ? `${number(connected)} of ${number(stores.length)}` : '…'}
      id="stores-connected"
    >
      {stores.length === 0 ? 'no store yet' : off === 0 ? 'all of them' : `${plural(off, 'store')} offline`}
    </Figure>
  );
}

interface FigureProps {
  label: string;
  value: string;
  id: string;
  children: ComponentChildren;
}

function Figure({ label, value, id, children }: FigureProps) {
  return (
    <div class="figure panel" data-figure={id}>
      <h2>{label}</h2>
      <p class="value">{value}</p>
      <p class="hint">{children}</p>
    </div>
  );
}

/** Compares full minutes with the same number of full minutes: the running minute would always look bad. */
function Versus({ figures: { full, before }, before: words }: { figures: Comparison; before: string }) {
  const percent = change(full.amount, before.amount);
  if (percent === undefined) return <>nothing sold {words}</>;
  return (
    <>
      <b class={full.amount < before.amount ? 'less' : 'more'}>{percent}</b> against {words}
    </>
  );
}
