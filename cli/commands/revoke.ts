/** `revoke STORE`, `restore STORE`: shuts a store out at once, and lets it in again. */
import type { Command } from 'commander';
import { type Operation, operations } from '../../domain/protocol/http-api.ts';
import { nameArgument } from '../arguments.ts';
import { printLine } from '../print.ts';
import { loadTarget } from '../target.ts';

export function addRevokeCommands(program: Command): void {
  addCommand(
    program,
    'revoke',
    operations.revokeStore,
    'end the line of a store at once, and let it open no other',
    id => `revoked ${id}: its line is closed, its token opens no other and is not renewed`,
  );
  addCommand(
    program,
    'restore',
    operations.restoreStore,
    'take a revocation back',
    id => `restored ${id}: a token that is signed from now on opens a line, those from before never do`,
  );
}

function addCommand(
  program: Command,
  name: string,
  operation: Operation<undefined>,
  description: string,
  done: (storeId: string) => string,
): void {
  program
    .command(name)
    .description(description)
    .argument('<store>', 'store id')
    .action(async (store: string, _options, command: Command) => {
      const storeId = nameArgument(store);
      const target = loadTarget(command.optsWithGlobals<{ outputs?: string }>().outputs);
      await target.api.call(operation, { parameters: { id: storeId } });
      printLine(done(storeId));
    });
}
