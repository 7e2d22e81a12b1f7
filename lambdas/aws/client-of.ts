/**
 * Makes the clients of AWS's services: one of each in an environment, so that its sockets are shared, and none that
 * waits for ever. Without `throwOnRequestTimeout` the SDK only warns of an answer that doesn't come.
 */

/** What every client is given. */
export interface Patience {
  maxAttempts?: number;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: true };
}

/** Two attempts fit into the ten seconds that most functions have. */
export const patience: Patience = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/**
 * Attempts of a client whose requests must get through in the end, with the SDK's exponential waits between them: half a
 * minute and more while a partition is throttled.
 */
export const PATIENT_ATTEMPTS = 9;

const made = new Map<unknown, Map<number | undefined, unknown>>();

/**
 * The environment's client of this class, made when it is first asked for.
 *
 * @param maxAttempts of each request @default the SDK's own
 */
export function clientOf<C>(Client: new (config: Patience) => C, maxAttempts?: number): C {
  const ofClass = made.get(Client) ?? new Map<number | undefined, unknown>();
  made.set(Client, ofClass);
  const known = ofClass.get(maxAttempts) as C | undefined;
  if (known !== undefined) return known;
  const client = new Client({ ...patience, ...(maxAttempts === undefined ? {} : { maxAttempts }) });
  ofClass.set(maxAttempts, client);
  return client;
}
