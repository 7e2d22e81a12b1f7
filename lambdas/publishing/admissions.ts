/**
 * What may be published although the broadcast would ask: updates that were judged already, or approved, or that a rollout
 * is made of. Only functions of the chain can write them, so no event can claim to be admitted. An admission is for one content.
 */
import { Environment } from '../../domain/names.ts';
import { expiry, number, text } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { ItemSchema } from '../aws/item-schema.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { admissionKey, UPDATES, updatesKey } from '../updates/update-items.ts';

const admission = new ItemSchema(UPDATES, updatesKey, { digest: text, expiresAt: expiry });
const hourCount = new ItemSchema(UPDATES, updatesKey, { count: number, expiresAt: expiry });
/** No channel has this name; positions are hours. */
const COUNTED = 'counted';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function admissionsFromEnvironment(): Admissions {
  return new Admissions({
    client: dynamoDb(),
    table: required(Environment.updatesTable),
    retentionDays: requiredNumber(Environment.retentionDays),
  });
}

export class Admissions {
  readonly #admissions: Table<typeof admission>;
  readonly #counts: Table<typeof hourCount>;
  readonly #retentionMs: number;

  constructor(options: TableOptions & { retentionDays: number }) {
    this.#admissions = new Table(options, admission);
    this.#counts = new Table(options, hourCount);
    this.#retentionMs = options.retentionDays * DAY_MS;
  }

  async admit(updateId: string, digest: string, now: number): Promise<void> {
    // As long as the update is known by its id.
    const expiresAt = now + 2 * this.#retentionMs;
    await this.#admissions.put({ ...admissionKey(updateId), digest, expiresAt });
  }

  async has(updateId: string, digest: string): Promise<boolean> {
    return (await this.#admissions.get(admissionKey(updateId)))?.digest === digest;
  }

  /** @returns how many updates there were in this hour of the clock, with this one */
  async count(now: number): Promise<number> {
    const { count, expiresAt } = hourCount.attributes;
    const hour = Math.floor(now / HOUR_MS);
    const one = expression`${count} = if_not_exists(${count}, ${count.value(0)}) + ${count.value(1)}`;
    const change = expression`SET ${one}, ${expiresAt.is((hour + 2) * HOUR_MS)}`;
    const counted = await this.#counts.change({ channel: COUNTED, position: hour }, change);
    return counted === undefined ? 1 : count.of(counted);
  }
}
