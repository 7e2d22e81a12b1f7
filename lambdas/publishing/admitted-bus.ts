/** Puts on the bus what the chain itself has judged or decided: the broadcast asks no more about it. */
import { ExpiredEventError, parseEvent } from '../../domain/updates/published-events.ts';
import type { Update } from '../../domain/updates/update.ts';
import { contentDigest } from '../updates/update-ids.ts';
import { type UpdateLog, updateLogFromEnvironment } from '../updates/update-log.ts';
import { addressed } from '../updates/withdrawal/price-withdrawal.ts';
import { type Admissions, admissionsFromEnvironment } from './admissions.ts';
import { type UpdateBus, updateBusFromEnvironment } from './update-bus.ts';
import { guardSettings, isGuarded } from './update-guard.ts';

export function admittedBusFromEnvironment(): AdmittedBus {
  return new AdmittedBus({
    bus: updateBusFromEnvironment(),
    admissions: admissionsFromEnvironment(),
    isGuarded: isGuarded(guardSettings()),
    log: updateLogFromEnvironment(),
  });
}

/** A detail that names its update. */
export interface NamedDetail {
  updateId: string;
  [name: string]: unknown;
}

export class AdmittedBus {
  readonly #bus: UpdateBus;
  readonly #admissions: Admissions;
  readonly #isGuarded: boolean;
  readonly #log: Pick<UpdateLog, 'find'>;

  /** @param options.isGuarded whether the broadcast asks at all */
  constructor(options: {
    bus: UpdateBus;
    admissions: Admissions;
    isGuarded: boolean;
    log: Pick<UpdateLog, 'find'>;
  }) {
    this.#bus = options.bus;
    this.#admissions = options.admissions;
    this.#isGuarded = options.isGuarded;
    this.#log = options.log;
  }

  /** @param detail with its `updateId` @throws EventNotTakenError */
  async put(type: string, detail: NamedDetail, now: number): Promise<void> {
    if (this.#isGuarded) {
      const read = parsed(type, detail, now);
      // Its audience is a part of its content.
      const update = read.kind === 'price.withdrawn' ? await addressed(read, this.#log, now) : read;
      await this.#admissions.admit(update.id, contentDigest(update), now);
    }
    await this.#bus.put(type, detail);
  }
}

/** As the broadcast will read it; what is over is for the broadcast to refuse. */
function parsed(type: string, detail: { updateId: string }, now: number): Update {
  try {
    return parseEvent(
      { id: detail.updateId, 'detail-type': type, detail: JSON.parse(JSON.stringify(detail)) },
      now,
    );
  } catch (error) {
    if (error instanceof ExpiredEventError) return error.update;
    throw error;
  }
}
