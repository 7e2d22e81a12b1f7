/** What a store client tells. */

import type { Offer } from '../domain/book/book-offers.ts';
import type { Price } from '../domain/book/book-prices.ts';
import type { ArrivedUpdate, ErrorFrame } from '../domain/protocol/chain-frames.ts';
import type { Positions, UpdateFrame } from '../domain/updates/update.ts';
import type { CloseEvent } from './line/connection.ts';
import type { OutboxCounts } from './sales/outbox.ts';

export interface StoreClientEvents {
  /** The line is up; `rotated` where a new connection took over from one still open. */
  open: { rotated: boolean };
  /** The line is down; it comes back by itself, except after `close()`. */
  close: CloseEvent;
  /** An update that the store hasn't seen, before it is applied. */
  update: UpdateFrame;
  /** The application has applied it. */
  applied: { update: UpdateFrame; appliedAt: string };
  /** The application threw `RejectUpdate`, or the update was `expired`, invalid, or of an `unsupported_kind`. */
  rejected: { update: ArrivedUpdate; reason: string };
  /** The store has everything; `recovered: false` where it took the current state instead of what it missed. */
  synced: { recovered: boolean; positions: Positions };
  /** A price that came early is in force now, or one that is in force again since another has ended. */
  'price.effective': Price;
  /** A price is over; where another one takes its place, that is told as `price.effective`. */
  'price.ended': Price;
  /** An offer that came early is active now. */
  'offer.started': Offer;
  /** An offer's time is over. A withdrawal is an update instead. */
  'offer.ended': Offer;
  /** A sale was stored, accepted, refused or cleared. */
  outbox: OutboxCounts;
  /** The chain has a message of this store. */
  'message.accepted': { messageId: string; topic: string };
  /** The chain will never take a message of this store as it is: it has left the outbox. */
  'message.refused': { messageId: string; topic: string; code: string; message: string };
  /**
   * Another client speaks for this store now, whose line is called `by` if it named itself. This one stays away for ten
   * minutes; `reconnect()` takes the line back.
   */
  replaced: { by: string | undefined };
  /** The chain has shut this store out. The client asks once a minute whether it is restored. */
  revoked: undefined;
  /**
   * The chain takes the token no more: it has run out, or is of another chain. The client goes on trying, with what
   * `token` answers then. Comes with each such attempt where the WebSocket tells of it (that of `ws`), else at most
   * once a minute and only with `managementUrl`.
   */
  unauthorized: undefined;
  /** Something went wrong that the client deals with itself: for the log. */
  error: Error;
}

/** The chain answered a frame with an `error` frame. */
export class ChainError extends Error {
  override readonly name = 'ChainError';
  readonly code: string;
  constructor({ code, message }: Pick<ErrorFrame, 'code' | 'message'>) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
