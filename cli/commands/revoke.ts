/** `revoke STORE`, `restore STORE`: shuts a store out at once, and lets it in again. */
import type { Command } from 'commander';
import { nameArgument } from '../arguments.ts';
import { loadTarget } from '../target.ts';

export function addRevokeCommands(program: Command): void {
  addCommand(
    program,
    'revoke',
    'PUT',
    'end the line of a store at once, and let it open no other',
    id => `revoked ${id}: its line is closed, its token opens no other and is not renewed`,
  );
  addCommand(
    program,
    'restore',
    'DELETE',
    'take a revocation back',
    id => `restored ${id}: its token opens a line again`,
  );
}

function addCommand(
  program: Command,
  name: string,
  method: string,
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
      await target.call(method, `stores/${encodeURIComponent(storeId)}/revocation`);
      console.log(done(storeId));
    });
}
