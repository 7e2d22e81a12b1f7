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
      <Figure label="Revenue today" value={money(day.total.amount, currency)} id="today">
        {plural(day.total.count, 'receipt')} ·{' '}
        <Versus figures={day} before={`yesterday up to ${time(day.beforeTo, day.beforeTo)}`} />
      </Figure>
      <Figure label="Last 60 minutes" value={money(hour.total.amount, currency)} id="hour">
        {plural(hour.total.count, 'receipt')} ·{' '}
        <Versus figures={hour} before={`${time(hour.beforeFrom, now)} to ${time(hour.beforeTo, now)}`} />
      </Figure>
      <Figure
        label={`This minute, since ${time(now, now)}`}
        value={money(running.amount, currency)}
        id="minute"
      >
        {plural(running.count, 'receipt')} so far
      </Figure>
      <StoresFigure model={model} />
    </section>
  );
}

function NoSales({ model }: { model: Model }) {
  const { salesLoaded } = model;
  const since = `since ${new Date(startOfYesterday(Date.now())).toLocaleDateString()}`;
  // As many as there will be: what comes later must not push the page down.
  return (
    <section class="figures" aria-label="Figures" aria-busy={!salesLoaded}>
      <Figure label="Revenue today" value={salesLoaded ? '0' : '…'} id="today">
        {salesLoaded ? `no receipt ${since}` : 'Loading…'}
      </Figure>
      <Figure label="Last 60 minutes" value={salesLoaded ? '0' : '…'} id="hour">
        {salesLoaded ? 'no receipt' : 'Loading…'}
      </Figure>
      <Figure label="This minute" value={salesLoaded ? '0' : '…'} id="minute">
        {salesLoaded ? 'no receipt so far' : 'Loading…'}
      </Figure>
      <StoresFigure model={model} />
    </section>
  );
}

function StoresFigure({ model }: { model: Model }) {
  const stores = model.shownStores;
  const online = stores.filter(store => store.connected).length;
  return (
    <Figure
      label="Stores online"
      value={model.storesLoaded ? `${number(online)} of ${number(stores.length)}` : '…'}
      id="stores-connected"
    >
      {model.storesLoaded ? offlineText(stores.length, stores.length - online) : 'Loading…'}
    </Figure>
  );
}

function offlineText(all: number, off: number): string {
  if (all === 0) return 'no store yet';
  return off === 0 ? 'all of them' : `${plural(off, 'store')} offline`;
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
