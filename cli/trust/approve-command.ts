/** `approve [UPDATE] [--refuse]`: what waits for a second person, and what that person says. */
import type { Command } from 'commander';
import { operations } from '../../domain/protocol/http-api.ts';
import { nameArgument } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { printJson, printLine } from '../print.ts';
import { loadTarget, type Target } from '../target.ts';
import { printList } from '../text-table.ts';

interface Flags {
  outputs?: string;
  refuse?: boolean;
  json?: boolean;
}

export function addApproveCommand(program: Command): void {
  program
    .command('approve')
    .description('list the updates that wait for a second person; publish one, or refuse it')
    .argument('[update]', 'its id')
    .option('--refuse', 'never publish it')
    .option('--json', 'print JSON')
    .action(async (update: string | undefined, _options, command: Command) => {
      const { json, outputs, refuse } = command.optsWithGlobals<Flags>();
      if (update === undefined && refuse) throw new UsageError('--refuse needs the id of an update');
      const target = loadTarget(outputs);
      if (update === undefined) await listWaiting(target, json);
      else await decide(target, nameArgument(update), refuse, json);
    });
}

async function listWaiting({ api }: Target, json: boolean | undefined): Promise<void> {
  const waiting = await api.list(operations.listUpdates, { query: { state: 'waiting' } });
  printList(
    waiting,
    {
      update: update => update.updateId,
      kind: update => update.kind,
      author: update => update.author,
      since: update => update.since,
      reasons: update => update.reasons?.join('; '),
    },
    json,
  );
}

async function decide({ api }: Target, updateId: string, refuse?: boolean, json?: boolean): Promise<void> {
  const call = { parameters: { id: updateId } };
  if (refuse) await api.call(operations.refuseUpdate, call);
  else await api.call(operations.approveUpdate, call);
  if (json) printJson({ updateId });
  else printLine(`${refuse ? 'refused' : 'published'} ${updateId}`);
}
