/**
 * Evidence in a file: a flattened JWS a line. A list of prices has one for each of its updates, and an update of a very
 * large fleet one for each part of its stores.
 */
import { decodeProtectedHeader, errors, flattenedVerify } from 'jose';
import * as v from 'valibot';
import { TOKEN_ALGORITHM } from '../../domain/identity/identity.ts';
import { FlattenedJws } from '../../domain/identity/jws.ts';
import {
  EVIDENCE_TYPE,
  type EvidenceStatement,
  unverifiedStatement,
} from '../../domain/protocol/evidence-statement.ts';
import { CommandError } from '../errors.ts';
import type { NamedKey } from './public-key.ts';

export interface VerifiedEvidence {
  keyId: string;
  statement: EvidenceStatement;
}

/**
 * What the lines say, in their order.
 *
 * @throws CommandError that says what is wrong with which line; nothing is returned of a file that doesn't hold whole
 */
export async function verifiedEvidence(text: string, key: NamedKey): Promise<VerifiedEvidence[]> {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  if (lines.length === 0) throw new CommandError('there is nothing in it');
  const verified: VerifiedEvidence[] = [];
  for (const [index, line] of lines.entries()) {
    const place = lines.length === 1 ? 'it' : `line ${index + 1}`;
    verified.push(await verifiedLine(line, key, place));
  }
  checkParts(verified.map(({ statement }) => statement));
  return verified;
}

async function verifiedLine(line: string, key: NamedKey, place: string): Promise<VerifiedEvidence> {
  const jws = read(line, place);
  const { kid, typ } = headerOf(jws, place);
  if (typ !== EVIDENCE_TYPE) {
    throw new CommandError(`${place} is signed as ${typ ?? 'nothing in particular'}, and is no evidence`);
  }
  if (!(await holds(jws, key))) throw new CommandError(wordsFor(place, kid, key));
  return { keyId: kid ?? '', statement: statementOf(jws, place) };
}

async function holds(jws: FlattenedJws, { key }: NamedKey): Promise<boolean> {
  // The last sign of base64url has bits that nobody reads: one that has them set is not what was signed.
  if (Buffer.from(jws.signature, 'base64url').toString('base64url') !== jws.signature) return false;
  try {
    await flattenedVerify(jws, key, { algorithms: [TOKEN_ALGORITHM] });
    return true;
  } catch (error) {
    // A TypeError is for a key of another kind.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
    throw error;
  }
}

/** Without a key's name nobody can tell which of two it is. */
function wordsFor(place: string, kid: string | undefined, { keyId, source }: NamedKey): string {
  if (keyId !== undefined && kid !== keyId) {
    return `${place} names another key, ${kid}, and does not hold by the one ${source}, ${keyId}: --key takes the file of the right one`;
  }
  if (keyId !== undefined) return `${place} was changed after key ${keyId} had signed it`;
  return `${place} does not hold by the key ${source}: it was changed, or another key signed it (it names ${kid})`;
}

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;

function read(line: string, place: string): FlattenedJws {
  if (TOKEN.test(line.trim())) throw new CommandError(`${place} is a token, and no evidence`);
  const parsed = v.safeParse(FlattenedJws, parse(line));
  if (!parsed.success)
    throw new CommandError(`${place} is no evidence: it is not a signed JSON (JWS) of one line`);
  return parsed.output;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function headerOf(jws: FlattenedJws, place: string): { kid?: string; typ?: string } {
  try {
    return decodeProtectedHeader(jws) as { kid?: string; typ?: string };
  } catch (error) {
    throw new CommandError(`${place} was changed: its header can't be read`, { cause: error });
  }
}

/** The key has signed it, so it is whole: at most it is of another version. */
function statementOf(jws: FlattenedJws, place: string): EvidenceStatement {
  try {
    return unverifiedStatement(jws);
  } catch (error) {
    throw new CommandError(`${place} is signed, and says something that this version can't read`, {
      cause: error,
    });
  }
}

/** Who leaves out a part would leave out its stores. @throws CommandError */
function checkParts(statements: readonly EvidenceStatement[]): void {
  for (const [id, parts] of Map.groupBy(statements, ({ update }) => update.updateId)) {
    let end: string | null = null;
    for (const { after, delivery } of parts) {
      if (after !== end) throw missing(id, end);
      end = delivery.cursor === undefined ? null : (delivery.stores.at(-1)?.storeId ?? null);
    }
    if (end !== null) throw missing(id, end);
  }
}

function missing(id: string, after: string | null): CommandError {
  const which = after === null ? 'from the first on' : `after ${after}`;
  return new CommandError(`of update ${id} the stores ${which} are missing`);
}
