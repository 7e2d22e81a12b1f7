/** `cost`: what a month of a fleet costs at list price, with its formula for each line, and what it would cost else. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { dollarsFor, invocationOf, PRICES, PRICES_OF } from '../../local/billing/prices.ts';
import { ASSUMED } from '../cost/assumed.ts';
import { keptSales, type Scenario, watchedFor } from '../cost/cost-lines.ts';
import { plainCost, restingCost, watchedCost } from '../cost/cost-model.ts';
import { pollingCost } from '../cost/polling-costs.ts';
import { printLine } from '../print.ts';
import { printList } from '../text-table.ts';

interface CostOptions {
  stores: number;
  salesPerMinute: number;
  linesPerSale: number;
  updatesPerDay: number;
  updatesPerMinute?: number;
  watchedHours: number;
  salesDays: number;
  polling?: boolean;
  json?: boolean;
}

export function addCostCommand(program: Command): void {
  program
    .command('cost')
    .description('what a month costs at list price, and why')
    .requiredOption('--stores <count>', 'stores, always connected', positive)
    .option('--sales-per-minute <rate>', 'of one store', positive, 7)
    .option('--lines-per-sale <count>', 'articles of a sale', positive, 4)
    .option('--updates-per-day <rate>', 'each to every store, each with its receipts', positive, 20)
    .addOption(
      new Option('--updates-per-minute <rate>', 'the same by the minute')
        .argParser(positive)
        .conflicts('updatesPerDay'),
    )
    .option('--watched-hours <hours>', 'of a day in which somebody watches', hoursOfDay, 0)
    .option('--sales-days <days>', 'that sales are kept, as the stack says', positive, 400)
    .option('--polling', 'polling line by line, too')
    .option('--json', 'print JSON')
    .action((options: CostOptions) => {
      const scenarios = compare(options);
      if (options.json) printList(scenarios.map(asItem), {}, true);
      else print(options, scenarios);
    });
}

function compare(options: CostOptions): Scenario[] {
  const { updatesPerMinute, watchedHours } = options;
  const fleet =
    updatesPerMinute === undefined ? options : { ...options, updatesPerDay: updatesPerMinute * 1_440 };
  const [resting, watched] = [restingCost(fleet), watchedCost(fleet)];
  return [
    resting,
    ...(watchedHours > 0 ? [watchedFor(watchedHours, resting, watched)] : []),
    watched,
    plainCost(fleet),
    pollingCost(fleet, 'httpRequest', true),
    pollingCost(fleet, 'httpRequest'),
    pollingCost(fleet, 'restRequest'),
  ];
}

function asItem(scenario: Scenario) {
  const { region, date } = PRICES_OF;
  return { ...scenario, region, date };
}

function print(options: CostOptions, scenarios: readonly Scenario[]): void {
  const [design] = scenarios;
  if (design === undefined) return;
  const { linesPerSale, polling = false, salesPerMinute, stores, updatesPerDay, updatesPerMinute } = options;
  const updates =
    updatesPerMinute === undefined ? `${updatesPerDay} updates a day` : `${updatesPerMinute} a minute`;
  printLine(`${stores} stores, ${salesPerMinute} sales a minute each of ${linesPerSale} lines, ${updates}`);
  printLines(design);
  for (const scenario of scenarios)
    if (polling && scenario.scenario.startsWith('polling')) printLines(scenario);
  for (const line of ['', 'in other ways', '']) printLine(line);
  printList(
    scenarios.slice(1),
    {
      '': ({ scenario }) => scenario,
      $: ({ dollars }) => dollars.toFixed(2),
    },
    false,
  );
  printGround(design, options);
}

function printLines({ dollars, lines, scenario }: Scenario): void {
  for (const line of ['', scenario, '']) printLine(line);
  printList(
    [...lines, { item: 'in all', formula: '', dollars }],
    {
      '': ({ item }) => item,
      'a month': ({ formula }) => formula,
      $: line => line.dollars.toFixed(2),
    },
    false,
  );
}

function printGround(design: Scenario, { salesDays }: CostOptions): void {
  const { milliseconds, memoryMegabytes } = ASSUMED.invocation;
  const invocation = dollarsFor(invocationOf(milliseconds, memoryMegabytes)) * 1_000_000;
  const prices = Object.entries(PRICES).map(
    ([name, dollars]) => `${name} $${Number(dollars.toPrecision(6))}`,
  );
  const lines = [
    '',
    `a million each: ${prices.join(', ')};`,
    `  invocation $${invocation.toFixed(2)} (${milliseconds} ms of ${memoryMegabytes} MB)`,
    `list prices of ${PRICES_OF.region}, ${PRICES_OF.date}, first tiers, ${PRICES_OF.source}`,
    `assumed: stores that poll do so ${ASSUMED.pollsPerMinute} times a minute, and learn of a price ${30 / ASSUMED.pollsPerMinute} s late on average`,
    `stored and backed up is what a month brings; once sales are kept for ${salesDays} days, theirs is $${keptSales(design, salesDays).toFixed(2)} a month`,
    'left out: logs once they are taken in, alarms, hours that are rolled up, the free tier',
  ];
  for (const line of lines) printLine(line);
}

function positive(text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It takes a number above 0.');
}

function hoursOfDay(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 24) return number;
  throw new InvalidArgumentError('It takes hours from 0 to 24.');
}
