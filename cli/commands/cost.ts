/** `cost`: what a month of a fleet costs at list price, with its formula for each line, and what it would cost else. */
import { type Command, InvalidArgumentError } from 'commander';
import { dollarsFor, invocationOf, PRICES, PRICES_OF } from '../../local/billing/prices.ts';
import { ASSUMED } from '../cost/assumed.ts';
import type { Fleet, Scenario } from '../cost/cost-lines.ts';
import { plainCost, restingCost, watchedCost } from '../cost/cost-model.ts';
import { pollingCost } from '../cost/polling-costs.ts';
import { printLine } from '../print.ts';
import { printList } from '../text-table.ts';

interface CostOptions extends Fleet {
  json?: boolean;
}

export function addCostCommand(program: Command): void {
  program
    .command('cost')
    .description('what a month costs at list price, and why')
    .requiredOption('--stores <count>', 'stores, always connected', positive)
    .option('--sales-per-minute <rate>', 'of one store', positive, 7)
    .option('--updates-per-day <rate>', 'each to every store', positive, 20)
    .option('--json', 'print JSON')
    .action((options: CostOptions) => {
      const scenarios = compare(options);
      if (options.json) printList(scenarios.map(asItem), {}, true);
      else print(options, scenarios);
    });
}

function compare(fleet: Fleet): Scenario[] {
  return [
    restingCost(fleet),
    watchedCost(fleet),
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

function print(fleet: CostOptions, scenarios: readonly Scenario[]): void {
  const [design] = scenarios;
  if (design === undefined) return;
  const { stores, salesPerMinute, updatesPerDay } = fleet;
  printLine(
    `${stores} stores, ${salesPerMinute} sales a minute each, ${updatesPerDay} updates a day · ${design.scenario}`,
  );
  printLine();
  printList(
    [...design.lines, { item: 'in all', formula: '', dollars: design.dollars }],
    {
      '': ({ item }) => item,
      'a month': ({ formula }) => formula,
      $: ({ dollars }) => dollars.toFixed(2),
    },
    false,
  );
  for (const line of ['', 'in other ways', '']) printLine(line);
  printList(
    scenarios.slice(1),
    {
      '': ({ scenario }) => scenario,
      $: ({ dollars }) => dollars.toFixed(2),
    },
    false,
  );
  printGround();
}

function printGround(): void {
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
    'a store that is watched for a part of the day costs that part of the difference',
    'left out: storage, backups, metrics, data transfer, the free tier',
  ];
  for (const line of lines) printLine(line);
}

function positive(text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It takes a number above 0.');
}
