/** What the HTTP API answers, as far as the page reads it. */
import type { Audience } from '../../domain/updates/channels.ts';
import type { UpdateKind } from '../../domain/updates/update.ts';

export interface Store {
  storeId: string;
  region: string | null;
  groups: string[];
  connected: boolean;
  /** Connected, or not, since then; null where nobody noticed. */
  since: string | null;
  lastSeenAt: string;
  /** Updates of its channels that it doesn't have yet. */
  behind: number;
}

export interface Total {
  count: number;
  /** Minor units. */
  amount: number;
  currency: string;
}
export type MinuteTotal = Total & { minute: string };
export type StoreTotal = Total & { store: string };

export interface UpdateSummary {
  updateId: string;
  kind: UpdateKind;
  publishedAt: string;
  validFrom: string | null;
  validUntil: string | null;
  /** null is every store. */
  audience: Audience | null;
}
export type UpdateContent = UpdateSummary & { data: Record<string, unknown> };

export const DELIVERY_STATES = ['applied', 'pending', 'offline', 'rejected', 'expired'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
export type DeliveryCounts = Record<DeliveryState, number> & { targeted: number };

export interface StoreDelivery {
  storeId: string;
  state: DeliveryState;
  at: string | null;
  reason?: string;
}
export type Delivery = DeliveryCounts & { lastAppliedMs: number | null };
