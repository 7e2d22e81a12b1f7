/** Reads the variables that the constructs set in a function's environment. */

/**
 * Attempts of a client whose requests must get through in the end, with the SDK's exponential waits between them: half a
 * minute and more while a partition is throttled.
 */
export const PATIENT_ATTEMPTS = 9;

/** @throws Error naming the variable that the stack forgot to set */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`environment variable ${name} is not set`);
  return value;
}

/** @throws Error naming the variable if it is missing or not a number */
export function requiredNumber(name: string): number {
  const value = Number(required(name));
  if (!Number.isFinite(value)) throw new Error(`environment variable ${name} is not a number`);
  return value;
}

/** Creates collaborators at the first event, not at import: nothing reads the environment earlier. */
export function lazily<T extends object>(create: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= create();
    return made;
  };
}
