/** What of a fleet's month had to be assumed, and the sizes and counts that are the code's. `test/fleet/costs.test.ts` holds them. */
export const ASSUMED = {
  /** Of a Lambda that answers a frame or a request. */
  invocation: { milliseconds: 15, memoryMegabytes: 256 },
  /** A line of our own, which plain tills' frames write. */
  logLineBytes: 250,
  /** Environments of the function of frames, each of which keeps some things for seconds. */
  environments: 2,
  /** A store in the registry, in the roster, and in the roster's list, as they are read by the whole. */
  registryBytes: 80,
  rosterBytes: 250,
  listedBytes: 75,
  /** Of a store: `all`, its region, one group, itself. */
  channels: 4,
  /** The client's defaults. */
  heartbeatMinutes: 4,
  rotationMinutes: 110,
  /** What DynamoDB adds to each item that it stores, and how long a receipt is in the inbox, in months. */
  storedOverheadBytes: 100,
  /** Stores that poll: with 7 sales a minute, 1,000 stores make 9,000 requests a minute. */
  pollsPerMinute: 2,
  /** Lambda's pollers of a queue, each with a request every 20 s though nothing is there. */
  queuePollers: 5,
} as const;

/** Of a broadcast: before its first post, and how many posts it makes a second from then on. */
export const BROADCAST = {
  milliseconds: 300,
  postsPerSecond: 4_500,
  memoryMegabytes: 1_769,
  logBytes: 709,
  /** A price, as a frame and as its items. */
  frameBytes: 300,
  storedBytes: 3_500,
} as const;

/** Frames as they are sent to stores, heads included. */
export const ANSWER = { bytes: 240, idBytes: 39 } as const;
