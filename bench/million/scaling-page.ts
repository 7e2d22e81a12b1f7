/** Writes what was measured and computed into docs/scaling.md, between its marks. */
import { readFileSync, writeFileSync } from 'node:fs';
import { defaultConfiguration } from '../../lib/settings/configuration.ts';
import { fleetSize } from '../../lib/settings/fleet-size.ts';
import { type Work, watchedSeconds } from './at-scale.ts';
import { metAt, type Quota } from './aws-quotas.ts';

const file = new URL('../../docs/scaling.md', import.meta.url);
const BEGIN = '<!-- bench: written by npm run bench -- million -->';
const END = '<!-- bench: end -->';

export interface AtSize {
  stores: number;
  works: Work[];
}

export function writeScalingPage(sizes: readonly AtSize[], quotas: readonly Quota[], machine: string): void {
  const page = readFileSync(file, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`docs/scaling.md has no place for the tables: ${BEGIN} … ${END}`);
  const text = [machine, sizesTable(sizes), ...sizes.map(worksTable), quotasTable(sizes, quotas)].join(
    '\n\n',
  );
  writeFileSync(file, `${page.slice(0, begin + BEGIN.length)}\n${text}\n${page.slice(end)}`);
}

function sizesTable(sizes: readonly AtSize[]): string {
  const rows = sizes.map(({ stores }) => {
    const size = fleetSize(stores);
    const { connectionShards, fleetParts, receiptShards, salesBuckets, workers } = size;
    const counts = [stores, connectionShards, fleetParts, salesBuckets, receiptShards, workers];
    const pace = Math.min(watchedSeconds(stores), defaultConfiguration.restingReportSeconds);
    return row([...counts, pace].map(figure));
  });
  const head = ['stores', 'registry partitions', 'parts of the fleet', 'sales buckets', 'receipt partitions'];
  return [
    '### What `stores` decides',
    '',
    ...table([...head, 'workers of a broadcast to all', 'seconds between reports while watched'], rows),
  ].join('\n');
}

function worksTable({ stores, works }: AtSize): string {
  const rows = works.map(({ by, dollars, longestSeconds, messages, reads, seconds, what, writes }) =>
    row([
      what,
      `\`${by}\``,
      ...[reads, writes, messages, seconds, longestSeconds].map(figure),
      dollars === 0 ? '0' : `$${figure(dollars)}`,
    ]),
  );
  const counts = ['read units', 'write units', 'messages'];
  const head = ['what', 'function', ...counts, 'seconds', 'of one run', 'dollars'];
  return [`### ${figure(stores)} stores`, '', ...table(head, rows)].join('\n');
}

function quotasTable(sizes: readonly AtSize[], quotas: readonly Quota[]): string {
  const inOrder = [...quotas].sort((one, other) => metAt(one) - metAt(other));
  const rows = inOrder.map(quota =>
    row([
      quota.what,
      `${figure(quota.given)} (${quota.page})`,
      figure(metAt(quota)),
      ...sizes.map(({ stores }) => {
        const needed = quota.needed(stores);
        return needed <= quota.given ? `enough: ${figure(needed)}` : `**${figure(needed)}**`;
      }),
    ]),
  );
  const head = ['quota', 'default', 'met at, in stores', ...sizes.map(({ stores }) => figure(stores))];
  return ['### Limits to ask AWS for', '', ...table(head, rows)].join('\n');
}

function table(head: string[], rows: string[]): string[] {
  return [row(head), row(head.map(() => '---')), ...rows];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function figure(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded < 0.0001 ? String(rounded) : rounded.toLocaleString('en', { maximumFractionDigits: 6 });
}
