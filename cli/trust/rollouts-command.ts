/** `rollouts [ID [pause|resume|advance|rollback]]`: how far the updates are that go out in waves, and what to do with one. */
import { Argument, type Command } from 'commander';
import { operations } from '../../domain/protocol/http-api.ts';
import type { Rollout } from '../../domain/protocol/staging-answers.ts';
import { nameArgument } from '../arguments.ts';
import { printJson, printLine } from '../print.ts';
import { loadTarget } from '../target.ts';
import { printList } from '../text-table.ts';

const actions = {
  pause: operations.pauseRollout,
  resume: operations.resumeRollout,
  advance: operations.advanceRollout,
  rollback: operations.rollBackRollout,
};

interface Flags {
  outputs?: string;
  json?: boolean;
}

export function addRolloutsCommand(program: Command): void {
  program
    .command('rollouts')
    .description(
      'updates that go out in waves; of one its waves; or pause, resume, advance it, or roll it back',
    )
    .argument('[rollout]', 'id of the update')
    .addArgument(new Argument('[action]', 'what to do with it').choices(Object.keys(actions)))
    .option('--json', 'print JSON')
    .action(
      async (
        id: string | undefined,
        action: keyof typeof actions | undefined,
        _options,
        command: Command,
      ) => {
        const { json, outputs } = command.optsWithGlobals<Flags>();
        const { api } = loadTarget(outputs);
        if (id === undefined) return printRollouts(await api.list(operations.listRollouts), json);
        const operation = action === undefined ? operations.getRollout : actions[action];
        printRollout(await api.call(operation, { parameters: { id: nameArgument(id) } }), json);
      },
    );
}

function printRollouts(rollouts: readonly Rollout[], json: boolean | undefined): void {
  printList(
    rollouts,
    {
      rollout: rollout => rollout.rolloutId,
      kind: rollout => rollout.kind,
      state: rollout => rollout.state,
      since: rollout => rollout.since,
      waves: ({ waves }) => `${waves.filter(({ since }) => since !== null).length} of ${waves.length}`,
      reason: rollout => rollout.reason,
    },
    json,
  );
}

function printRollout(rollout: Rollout, json: boolean | undefined): void {
  if (json) {
    printJson(rollout);
    return;
  }
  const { reason, rolloutId, since, state, waves } = rollout;
  printLine(`${rolloutId} is ${state} since ${since}${reason === undefined ? '' : `: ${reason}`}`);
  printList(
    waves,
    {
      wave: wave => wave.number,
      state: wave => wave.state,
      since: wave => wave.since,
      targeted: wave => wave.targeted,
      applied: wave => wave.applied,
      rejected: wave => wave.rejected,
      update: wave => wave.updateIds,
    },
    false,
  );
}
