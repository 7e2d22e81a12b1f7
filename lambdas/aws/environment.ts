/** Reads the variables that the constructs set in a function's environment. */

/** @throws Error naming the variable that the stack forgot to set */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`environment variable ${name} is not set`);
  return value;
}

/** A variable that only some deployments have; undefined where it is not set. */
export function given(name: string): string | undefined {
  return process.env[name] || undefined;
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
