/** `events [--follow]`: what storecast has put on the outbound bus of the local cloud, for the chain's other systems. */
import type { Command } from 'commander';
import { CommandError } from '../errors.ts';
import { printJson, printLine } from '../print.ts';
import { untilAskedToStop } from '../signals.ts';
import { loadTarget } from '../target.ts';

interface EventsOptions {
  outputs?: string;
  json?: boolean;
  follow?: boolean;
}

/** An event as a rule's target gets it. */
interface BusEvent {
  id: string;
  time: string;
  'detail-type': string;
  detail: unknown;
}

interface Page {
  items: BusEvent[];
  cursor: number;
}

const PAGE = 500;
const FOLLOWED_EVERY_MS = 500;

export function addEventsCommand(program: Command): void {
  program
    .command('events')
    .description('what is on the outbound bus of the local cloud: its newest ten thousand events')
    .option('--follow', 'go on with those that come')
    .option('--json', 'print JSON; with --follow a line for each event')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<EventsOptions>();
      const read = readerOf(options);
      if (options.follow) await follow(read, options);
      else await list(read, options);
    });
}

type Read = (after: number) => Promise<Page>;

function readerOf({ outputs }: EventsOptions): Read {
  const target = loadTarget(outputs);
  const { AwsEndpointUrl } = target.present;
  if (AwsEndpointUrl === undefined)
    throw new CommandError(
      `the local cloud shows its events; of a deployed stack's bus ${target.outputs.OutboundBusName} a rule does, such as to a log group`,
    );
  return async after => {
    const url = new URL('/_local/events', AwsEndpointUrl);
    url.search = String(
      new URLSearchParams({
        bus: target.outputs.OutboundBusName,
        after: String(after),
        limit: String(PAGE),
      }),
    );
    const response = await fetch(url);
    if (!response.ok) throw new CommandError(`the local cloud answered ${response.status}`);
    return (await response.json()) as Page;
  };
}

async function list(read: Read, { json }: EventsOptions): Promise<void> {
  const all: BusEvent[] = [];
  await toTheEnd(read, 0, events => all.push(...events));
  if (json) printJson({ items: all });
  else for (const event of all) printLine(describe(event));
}

async function follow(read: Read, { json }: EventsOptions): Promise<never> {
  const stopped = untilAskedToStop().then(() => true);
  const print = (events: BusEvent[]) => {
    for (const event of events) {
      if (json) printJson(event);
      else printLine(describe(event));
    }
  };
  let cursor = 0;
  for (let isStopped = false; !isStopped; ) {
    cursor = await toTheEnd(read, cursor, print);
    const pause = new Promise<boolean>(resolve => setTimeout(resolve, FOLLOWED_EVERY_MS, false));
    isStopped = await Promise.race([stopped, pause]);
  }
  // What is left of the pause is waited for by nobody.
  process.exit();
}

/** @returns where the next ones begin */
async function toTheEnd(read: Read, after: number, take: (events: BusEvent[]) => void): Promise<number> {
  const { cursor, items } = await read(after);
  take(items);
  return items.length === 0 ? cursor : toTheEnd(read, cursor, take);
}

function describe({ time, detail, ...event }: BusEvent): string {
  return `${time} ${event['detail-type']} ${JSON.stringify(detail)}`;
}
