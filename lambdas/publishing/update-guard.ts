/** Judges updates by the chain's guards, wherever they come from. Without guards and approval it reads nothing. */
import { Environment } from '../../domain/names.ts';
import { type Approval, brokenGuards, GuardedEventError, type Guards } from '../../domain/updates/guards.ts';
import type { Update } from '../../domain/updates/update.ts';
import { currentStateFromEnvironment } from '../updates/current-state.ts';
import { contentDigest } from '../updates/update-ids.ts';
import { type Admissions, admissionsFromEnvironment } from './admissions.ts';
import { type PriceSource, pricesInForce } from './prices-in-force.ts';

export interface GuardSettings {
  guards: Guards;
  approval: Approval;
}

/** The stack sets these variables only where a setting asks for them. */
export function guardSettings(): GuardSettings {
  const { [Environment.guards]: guards = '{}', [Environment.approval]: approval = 'none' } = process.env;
  return { guards: JSON.parse(guards) as Guards, approval: approval as Approval };
}

/** Whether anything is asked of an update. */
export function isGuarded({ approval, guards }: GuardSettings): boolean {
  return approval !== 'none' || Object.keys(guards).length > 0;
}

export function guardFromEnvironment(): UpdateGuard {
  return new UpdateGuard({
    ...guardSettings(),
    admissions: admissionsFromEnvironment(),
    current: currentStateFromEnvironment(),
  });
}

export class UpdateGuard {
  readonly approval: Approval;
  /** Whether anything is asked of an update. */
  readonly isOn: boolean;
  readonly #guards: Guards;
  readonly #admissions: Admissions;
  readonly #current: PriceSource;

  constructor(options: GuardSettings & { admissions: Admissions; current: PriceSource }) {
    this.approval = options.approval;
    this.isOn = isGuarded(options);
    this.#guards = options.guards;
    this.#admissions = options.admissions;
    this.#current = options.current;
  }

  /** Lets an event of the bus through that was admitted, or that breaks no guard. @throws GuardedEventError */
  async admitEvent(update: Update, now: number): Promise<void> {
    if (!this.isOn || (await this.isAdmitted(update))) return;
    const reasons = await this.reasonsAgainst(update, now);
    if (reasons.length > 0) throw new GuardedEventError(reasons);
    await this.#admissions.admit(update.id, contentDigest(update), now);
  }

  isAdmitted(update: Update): Promise<boolean> {
    return this.#admissions.has(update.id, contentDigest(update));
  }

  /** Why it must not go out by itself; an update that nothing speaks against counts for its hour. */
  async reasonsAgainst(update: Update, now: number): Promise<string[]> {
    const isCompared = update.kind === 'price.changed' && this.#guards.largestChangePercent !== undefined;
    const inForce = isCompared
      ? await pricesInForce(update, this.#current, now)
      : new Map<string, number[]>();
    const reasons = [
      ...(this.approval === 'all' ? ['approval: every update waits for a second person'] : []),
      ...brokenGuards(update, this.#guards, inForce),
    ];
    return reasons.length > 0 ? reasons : this.#tooMany(now);
  }

  async #tooMany(now: number): Promise<string[]> {
    const { updatesPerHour: most } = this.#guards;
    if (most === undefined) return [];
    const count = await this.#admissions.count(now);
    return count <= most ? [] : [`updatesPerHour: it is number ${count} of this hour, more than ${most}`];
  }
}
