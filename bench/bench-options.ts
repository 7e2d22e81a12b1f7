/** What the command line may change; each benchmark's own default is what results.json and the README tell of. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Members of `ceiling`. */
  members?: number;
  /** How long each variant of `reference` and `cost` runs. */
  minutes?: number;
  /** Stores of `cost` and `jitter`. */
  stores?: number;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError that says what is wrong with the arguments */
export function readArguments(args: string[]): { names: string[]; options: Options; isTableOnly: boolean } {
  const { positionals, values } = parse(args);
  const { members, minutes, stores, table } = values;
  return {
    names: positionals,
    options: {
      ...(members === undefined ? {} : { members: positive('--members', members) }),
      ...(minutes === undefined ? {} : { minutes: positive('--minutes', minutes) }),
      ...(stores === undefined ? {} : { stores: positive('--stores', stores) }),
    },
    isTableOnly: table ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        members: { type: 'string' },
        minutes: { type: 'string' },
        stores: { type: 'string' },
        table: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new UsageError(`${flag} takes a number above 0, not '${text}'`);
}
