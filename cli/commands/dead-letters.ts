/** `dead-letters [--redrive]`: what reached nobody, and why; sent again where the operator says so. */
import type { Message } from '@aws-sdk/client-sqs';
import type { Command } from 'commander';
import { type DeadLetter, describeLetter } from '../dead-letters/dead-letter.ts';
import { LetterQueue } from '../dead-letters/letter-queue.ts';
import { redrive } from '../dead-letters/redrive.ts';
import { printLine, printNote } from '../print.ts';
import { loadTarget, type Target } from '../target.ts';
import { printList } from '../text-table.ts';

interface Options {
  outputs?: string;
  redrive?: boolean;
  json?: boolean;
}

/** A letter in hand. */
interface Held {
  queue: LetterQueue;
  message: Message;
  letter: DeadLetter;
}

export function addDeadLettersCommand(program: Command): void {
  program
    .command('dead-letters')
    .description('events and posts that were given up, with the reason')
    .option('--redrive', 'publish them again, then delete them')
    .option('--json', 'print JSON')
    .action((_options, command: Command) => run(command.optsWithGlobals<Options>()));
}

async function run({ outputs, redrive: isRedrive, json }: Options): Promise<void> {
  const target = loadTarget(outputs);
  const { DeadLetterQueueUrl, RedeliveryDeadLetterQueueUrl } = target.outputs;
  // A stack from before the outbound bus has none.
  const { OutboundDeadLetterQueueUrl: outbound } = target.present;
  const urls = [
    DeadLetterQueueUrl,
    RedeliveryDeadLetterQueueUrl,
    ...(outbound === undefined ? [] : [outbound]),
  ];
  const queues = urls.map(url => new LetterQueue(target.queues, url));
  const held = (await Promise.all(queues.map(takeAll))).flat();
  try {
    const sent = isRedrive ? await redriveAll(target, held) : 0;
    print(held, json);
    if (isRedrive && !json) printLine(`${sent} published again`);
  } finally {
    await Promise.all(
      queues.map(queue =>
        queue.release(held.filter(one => one.queue === queue).map(({ message }) => message)),
      ),
    );
  }
}

async function takeAll(queue: LetterQueue): Promise<Held[]> {
  const { counted, messages } = await queue.readAll();
  if (messages.length < counted) {
    const name = queue.url.slice(queue.url.lastIndexOf('/') + 1);
    printNote(
      `storecast: ${name} counts ${counted} letters, and gave ${messages.length}: another reader has the others in hand`,
    );
  }
  return messages.map(message => ({ queue, message, letter: describeLetter(message, queue.url) }));
}

/** @returns how many were sent again; of those that failed it says why, and the command fails in the end */
async function redriveAll(target: Target, held: readonly Held[]): Promise<number> {
  let sent = 0;
  for (const { queue, message, letter } of held) {
    const redriven = await redrive(target, queue, message, letter);
    if (redriven.outcome === 'sent') sent += 1;
    if (redriven.outcome !== 'failed') continue;
    printNote(`storecast: dead letter ${letter.id} could not be published again: ${redriven.why}`);
    process.exitCode = 1;
  }
  return sent;
}

function print(held: readonly Held[], json: boolean | undefined): void {
  printList(
    held.map(({ letter }) => letter),
    {
      id: ({ id }) => id,
      queue: ({ queue }) => queue,
      reason: ({ reason }) => reason,
      at: ({ at }) => at,
    },
    json,
  );
}
