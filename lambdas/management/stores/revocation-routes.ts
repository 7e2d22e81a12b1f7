/** Who is shut out: a store's revocation, its ending, and since when it holds. */
import * as v from 'valibot';
import { Name } from '../../../domain/names.ts';
import type { AnswerOf, operations } from '../../../domain/protocol/http-api.ts';
import { log } from '../../aws/log.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Connections } from '../../registry/connections.ts';
import type { Roster } from '../../registry/roster.ts';
import type { ApiRequest } from '../api-request.ts';
import { HttpProblem } from '../http-answer.ts';

/**
 * `PUT /stores/{id}/revocation`: ends a store's line at once and lets it open none. It need not have been seen: a token
 * that was stolen before it was ever used is revoked all the same.
 */
export async function revokeStore(
  { now, parameters }: ApiRequest,
  { connections, gateway, roster }: { connections: Connections; gateway: Gateway; roster: Roster },
): Promise<undefined> {
  const storeId = storeNamed(parameters);
  await roster.revoke(storeId, now);
  // After the mark: a line that registers later finds it.
  const line = await connections.store(storeId, now);
  if (line !== undefined) await endLine(line.connectionId, storeId, gateway);
}

/** The revocation holds already: a line that can't be closed takes no frame any more, and ends with the next one. */
async function endLine(connectionId: string, storeId: string, gateway: Gateway): Promise<void> {
  try {
    await gateway.close(connectionId, { reason: 'revoked' });
  } catch (error) {
    log.error('the line of a revoked store could not be closed', error, { storeId });
  }
}

/** `GET /stores/{id}/revocation` */
export async function getRevocation(
  { parameters }: ApiRequest,
  { roster }: { roster: Roster },
): Promise<AnswerOf<typeof operations.getRevocation>> {
  const storeId = storeNamed(parameters);
  const revokedAt = await roster.revokedAt(storeId);
  if (revokedAt === undefined) throw new HttpProblem(404, `store ${storeId} is not revoked`);
  return { storeId, revokedAt: new Date(revokedAt).toISOString() };
}

/** `DELETE /stores/{id}/revocation`: the store may open a line again, with a token that is signed from now on. */
export async function restoreStore(
  { parameters }: ApiRequest,
  { roster }: { roster: Roster },
): Promise<undefined> {
  const storeId = storeNamed(parameters);
  if (!(await roster.restore(storeId))) throw new HttpProblem(404, `store ${storeId} is not revoked`);
}

function storeNamed({ id }: ApiRequest['parameters']): string {
  const parsed = v.safeParse(Name, id);
  if (!parsed.success) throw new HttpProblem(400, `the store id ${parsed.issues[0].message}`);
  return parsed.output;
}
