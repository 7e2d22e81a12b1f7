/** The operator's command line: which commands there are, and how it ends. */
import { Command, CommanderError } from 'commander';
import { addBillCommand } from './commands/bill.ts';
import { addCostCommand } from './commands/cost.ts';
import { addDeadLettersCommand } from './commands/dead-letters.ts';
import { addDeliveryCommand } from './commands/delivery.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addListenCommand } from './commands/listen.ts';
import { addPlaceCommand } from './commands/place.ts';
import { addPublishCommand } from './commands/publish.ts';
import { addRevokeCommands } from './commands/revoke.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addStartCommand } from './commands/start.ts';
import { addStoresCommand } from './commands/stores.ts';
import { addTokenCommand } from './commands/token.ts';
import { addTotalsCommand } from './commands/totals.ts';
import { CommandError } from './errors.ts';
import { printNote } from './print.ts';

const program = new Command('storecast')
  .description('the live line between a retail chain and its stores')
  .option(
    '--outputs <file>',
    'outputs file of the system to speak to (default: STORECAST_OUTPUTS, or the local one)',
  )
  .showHelpAfterError('(--help says more)')
  .exitOverride();

addStartCommand(program);
addTokenCommand(program);
addPublishCommand(program);
addStoresCommand(program);
addPlaceCommand(program);
addDeliveryCommand(program);
addTotalsCommand(program);
addListenCommand(program);
addSimulateCommand(program);
addDeadLettersCommand(program);
addRevokeCommands(program);
addBillCommand(program);
addCostCommand(program);
addDoctorCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Says what went wrong: commander has said its own already. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommandError) {
    printNote(`storecast: ${error.message}`);
    return error.exitCode;
  }
  if (isUnreachable(error)) printNote('storecast: the system does not answer; is it running?');
  else printNote(`storecast: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

function isUnreachable(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: { code?: string } };
  return code === 'ECONNREFUSED' || cause?.code === 'ECONNREFUSED';
}
