/** Arguments that several commands take. */
import * as v from 'valibot';
import { Name } from '../domain/names.ts';
import { UsageError } from './errors.ts';

/** A store, region, group or person as the domain names them. @throws UsageError */
export function nameArgument(text: string): string {
  const parsed = v.safeParse(Name, text);
  if (!parsed.success) throw new UsageError(`'${text}' ${parsed.issues[0].message}`);
  return parsed.output;
}
