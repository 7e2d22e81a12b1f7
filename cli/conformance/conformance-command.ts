/** `conformance -- COMMAND…`: whether a till, in whatever language, keeps the rules of docs/protocol.md. */
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { judge } from '../../conformance/judge.ts';
import { junitOf } from '../../conformance/junit.ts';
import type { Finding, Rule } from '../../conformance/rule.ts';
import { rules } from '../../conformance/rules.ts';
import { wholePaths } from '../../conformance/till/command-line.ts';
import { killAll } from '../../conformance/till/till-process.ts';
import { CannotStart } from '../../conformance/violation.ts';
import { UsageError } from '../errors.ts';
import { printLine, printNote } from '../print.ts';
import { untilAskedToStop } from '../signals.ts';
import { printList } from '../text-table.ts';

interface ConformanceOptions {
  rule?: string[];
  list?: boolean;
  json?: boolean;
  junit?: string;
  trace?: string;
  atOnce: number;
  patience: number;
}

/** A core runs many tills that mostly wait. */
const TILLS_A_CORE = 8;

export function addConformanceCommand(program: Command): void {
  program
    .command('conformance')
    .description('judge a till in any language by a scripted chain: conformance -- COMMAND…')
    .argument('[command...]', 'what starts the till; docs/conformance.md says how it is spoken with')
    .option('--rule <id...>', 'try these rules alone')
    .option('--list', 'print the rules, and try none')
    .option('--json', 'print JSON')
    .option('--junit <file>', 'write JUnit XML, too')
    .option('--trace <file>', 'write every frame, step and line of the tills as JSON lines')
    .option('--at-once <count>', 'tills that run side by side', count, TILLS_A_CORE * availableParallelism())
    .option('--patience <factor>', 'wait so many times longer for a till on a slow machine', factor, 1)
    .action(async (words: string[], _options, command: Command) => {
      const options = command.optsWithGlobals<ConformanceOptions>();
      if (options.list) printRules(chosen(options.rule), options.json);
      else await judgeTill(words, options);
    });
}

async function judgeTill(words: readonly string[], options: ConformanceOptions): Promise<void> {
  if (words.length === 0) throw new UsageError('name the command that starts the till, after --');
  const command = wholePaths(words, process.cwd());
  const { atOnce, patience, json, junit, trace } = options;
  const traced = trace === undefined ? undefined : openSync(trace, 'w');
  const judged = judge({
    rules: chosen(options.rule),
    command: () => command,
    atOnce,
    patience,
    found: finding => json || printLine(lineOf(finding)),
    trace: ({ id }, entry) => {
      if (traced !== undefined) writeSync(traced, `${JSON.stringify({ rule: id, ...entry })}\n`);
    },
  }).catch(error => {
    throw error instanceof CannotStart
      ? new UsageError(`the till can't be started: ${error.message}`)
      : error;
  });
  process.once('exit', killAll);
  const findings = await Promise.race([judged, interrupted()]);
  if (junit !== undefined) writeFileSync(junit, junitOf(findings));
  report(findings, json);
}

/** What runs side by side would go on. */
async function interrupted(): Promise<never> {
  await untilAskedToStop();
  printNote('storecast: interrupted: nothing is known of the rules that were not tried');
  process.exit(1);
}

function report(findings: readonly Finding[], json: boolean | undefined): void {
  const failed = findings.filter(({ status }) => status === 'failed');
  if (json) printList(findings, {}, true);
  else {
    for (const { rule, place, detail, course } of failed)
      printNote(`✖ ${rule}: ${detail} (docs/protocol.md#${place})\n  so far: ${course}`);
    const judged = findings.filter(({ status }) => status !== 'not-applicable');
    printLine(`${judged.length - failed.length} of ${judged.length} rules are kept, ${failed.length} broken`);
    const left = findings.length - judged.length;
    if (left > 0) printLine(`${left} more say nothing of a till like this one`);
  }
  if (failed.length > 0) process.exitCode = 1;
}

const MARKS = { passed: '✔', failed: '✖', 'not-applicable': '–' };

function lineOf({ status, rule, sentence, detail }: Finding): string {
  return `${MARKS[status]} ${rule.padEnd(20)} ${sentence}${status === 'not-applicable' ? ` (${detail})` : ''}`;
}

function printRules(listed: readonly Rule[], json: boolean | undefined): void {
  const items = listed.map(({ id, sentence, place }) => ({ rule: id, sentence, place }));
  const columns = {
    RULE: (item: (typeof items)[number]) => item.rule,
    'A TILL': (item: (typeof items)[number]) => item.sentence,
    'DOCS/PROTOCOL.MD': (item: (typeof items)[number]) => `#${item.place}`,
  };
  printList(items, columns, json);
}

/** @throws UsageError for a rule that there is not */
function chosen(ids: readonly string[] | undefined): readonly Rule[] {
  if (ids === undefined) return rules;
  return ids.map(id => {
    const rule = rules.find(rule => rule.id === id);
    if (rule === undefined) throw new UsageError(`there is no rule '${id}'; --list prints them`);
    return rule;
  });
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It takes a whole number above 0.');
}

function factor(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number >= 1) return number;
  throw new InvalidArgumentError('It takes a number from 1 on.');
}
