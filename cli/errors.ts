/** What the command line says when it can't do what it was asked: one sentence on stderr and an exit code. */

/** The command was right, but it failed: exit code 1. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: number = 1;
}

/** The command itself is wrong: exit code 2. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}

/** What a command asked the chain for, the chain doesn't have. */
export class NotFoundError extends CommandError {
  override readonly name: string = 'NotFoundError';
}
