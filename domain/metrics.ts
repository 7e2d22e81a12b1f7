/**
 * What storecast measures of itself. The functions write it, alarms and dashboard read it: one list, so that no alarm
 * watches a metric that nobody writes.
 */

export const METRIC_NAMESPACE = 'Storecast';

/** The dimension `service`. The other one is `stage`; never a store or a line, each of which would be a metric to pay for. */
export const METRIC_SERVICE = 'storecast';

/** By name: the unit. */
export const metricUnits = {
  /** From publishing until a worker's last post was answered. */
  FanOutLag: 'Milliseconds',
  /** Posts that the gateway took, those of a redelivery too. */
  Posts: 'Count',
  /** Lines that were no longer there (410). */
  Gone: 'Count',
  /** Stores that could not be posted to in spite of the retries. */
  Failed: 'Count',
  /** Answers of 429. */
  Throttled: 'Count',
  /** From publishing until a store's receipt came. */
  AppliedLag: 'Milliseconds',
  /** Sales that were answered as accepted, repeats included. */
  SalesAccepted: 'Count',
  SalesRefused: 'Count',
  /** Stores of which too many lines of an hour were charged at another price than their book listed. */
  StoresOffPrice: 'Count',
  /** Stores whose book is another one than it should be, counted each minute: its values don't add up. */
  StoresAdrift: 'Count',
  /** Frames that were answered as `internal`, by action. */
  SalesFailed: 'Count',
  ReceiptsFailed: 'Count',
  SyncsFailed: 'Count',
  MessagesFailed: 'Count',
  /** Frames that failed before they were read are among them. */
  PingsFailed: 'Count',
  /** Handshakes without a valid token (401), and of those that are revoked or come from another origin (403). */
  HandshakesUnauthorized: 'Count',
  HandshakesForbidden: 'Count',
  /** Handshakes that a store had too many of (429). */
  HandshakesLimited: 'Count',
  /** Handshakes that could not be judged, or not be entered, by a fault of ours. */
  HandshakesFailed: 'Count',
  /** Rollouts that halted by themselves. */
  RolloutsHalted: 'Count',
  /** Stores on the line, counted each minute: the only one whose values don't add up. */
  Connected: 'Count',
  /** Lines of stores and managers; one that takes over an older one is opened, too. */
  LinesOpened: 'Count',
  /** Lines that took the place of an older one of their store, and those of a store whose young lines keep doing so. */
  Takeovers: 'Count',
  RepeatedTakeovers: 'Count',
  /** As far as the gateway tells: its `$disconnect` is best effort. */
  LinesClosed: 'Count',
} as const;

export type MetricName = keyof typeof metricUnits;
