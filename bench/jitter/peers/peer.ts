/** What is compared: a server in a process of its own, what its stores run, and how somebody publishes there. */

/** An update of the trial: its number, from 1 on, and, where it is an offer, when that ends. */
export interface Update {
  number: number;
  /** Milliseconds since the epoch; undefined for a price, which holds until the next one. */
  endsAt?: number;
}

export interface Server {
  port: number;
  pid: number;
  /** `kill -9`. */
  kill(): Promise<void>;
}

/** A store as its peer sees it. */
export interface Store {
  id: string;
  /** Where the store finds the server, whatever becomes of that: the network lies in between. */
  port: number;
  /** The store's application, which is handed the numbers of updates. */
  handle: (number: number) => void;
}

/** By its own best practice: bench/README.md says which, and where it is written. */
export interface Peer {
  /** Starts the server, again on what the one before has left. */
  start(): Promise<Server>;
  /** Resolves once the store is on the line; from then on its library keeps it there. */
  connect(store: Store): Promise<void>;
  /** Resolves once the server has taken it. @throws Error if it hasn't; the trial then publishes it again */
  publish(update: Update): Promise<void>;
  /**
   * Of each of these updates, by its number, how many stores the publisher has a receipt of.
   *
   * @remarks left out where a publisher hears of no store
   */
  receipts?(numbers: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

/** Where a peer keeps its data and finds its packages. */
export interface PeerOptions {
  dataDirectory: string;
  /** A folder with `node_modules`. */
  packages: string;
}
