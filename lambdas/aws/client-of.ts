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
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

const made = new Map<unknown, unknown>();

/** The environment's client of this class, made when it is first asked for. */
export function clientOf<C>(Client: new (config: Patience) => C): C {
  const known = made.get(Client) as C | undefined;
  if (known !== undefined) return known;
  const client = new Client(patience);
  made.set(Client, client);
  return client;
}
