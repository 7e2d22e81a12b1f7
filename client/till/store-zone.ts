/** The store's time zone, as its token says. */
import * as v from 'valibot';
import { TimeZone } from '../../domain/retail/local-time.ts';
import { claimsOf } from '../line/token-claims.ts';

const Claims = v.object({ timeZone: v.optional(TimeZone) });

/**
 * @returns undefined if the token names none, or is no JWT
 * @throws Error if it names one that this runtime doesn't know
 */
export function timeZoneIn(token: string): string | undefined {
  let claims: unknown;
  try {
    claims = claimsOf(token);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(Claims, claims);
  if (parsed.success) return parsed.output.timeZone;
  throw new Error(
    'the time zone of the store’s token is none that this runtime knows: local times are taken as UTC',
  );
}
