/** The operator's command line: which commands there are, and how it ends. */
import { Command, CommanderError } from 'commander';
import { CommandError } from './errors.ts';
import { printNote } from './print.ts';

type Add = (program: Command) => void;

const revocation = async () => (await import('./commands/revoke.ts')).addRevokeCommands;
const evidence = async () => (await import('./trust/evidence-command.ts')).addEvidenceCommands;
/** Each is loaded where it is run, or where all are told: to load the local cloud takes longer than to ask it. */
const commands: Record<string, () => Promise<Add>> = {
  start: async () => (await import('./commands/start.ts')).addStartCommand,
  token: async () => (await import('./commands/token.ts')).addTokenCommand,
  publish: async () => (await import('./commands/publish.ts')).addPublishCommand,
  stores: async () => (await import('./commands/stores.ts')).addStoresCommand,
  place: async () => (await import('./commands/place.ts')).addPlaceCommand,
  delivery: async () => (await import('./commands/delivery.ts')).addDeliveryCommand,
  evidence,
  verify: evidence,
  rollouts: async () => (await import('./trust/rollouts-command.ts')).addRolloutsCommand,
  approve: async () => (await import('./trust/approve-command.ts')).addApproveCommand,
  totals: async () => (await import('./commands/totals.ts')).addTotalsCommand,
  audit: async () => (await import('./trust/audit-command.ts')).addAuditCommand,
  prices: async () => (await import('./trust/prices-command.ts')).addPricesCommand,
  drift: async () => (await import('./trust/drift-command.ts')).addDriftCommand,
  listen: async () => (await import('./commands/listen.ts')).addListenCommand,
  simulate: async () => (await import('./commands/simulate.ts')).addSimulateCommand,
  'dead-letters': async () => (await import('./commands/dead-letters.ts')).addDeadLettersCommand,
  revoke: revocation,
  restore: revocation,
  bill: async () => (await import('./commands/bill.ts')).addBillCommand,
  cost: async () => (await import('./commands/cost.ts')).addCostCommand,
  events: async () => (await import('./outbound/events-command.ts')).addEventsCommand,
  conformance: async () => (await import('./conformance/conformance-command.ts')).addConformanceCommand,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
};

const program = new Command('storecast')
  .description('the live line between a retail chain and its stores')
  .option(
    '--outputs <file>',
    'outputs file of the system to speak to (default: STORECAST_OUTPUTS, or the local one)',
  )
  .showHelpAfterError('(--help says more)')
  .exitOverride();

for (const add of await wanted(process.argv.slice(2))) add(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** What adds the command that is named, or all of them where none is. */
async function wanted(args: readonly string[]): Promise<Add[]> {
  const name = nameIn(args);
  const own = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  const loads = own === undefined ? new Set(Object.values(commands)) : [own];
  return Promise.all([...loads].map(load => load()));
}

/** The first word that is neither an option nor the value of one. */
function nameIn([first, ...rest]: readonly string[]): string | undefined {
  if (first === undefined || !first.startsWith('-')) return first;
  return nameIn(first === '--outputs' ? rest.slice(1) : rest);
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
