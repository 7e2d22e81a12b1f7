/** Arguments that several commands take. */
import * as v from 'valibot';
import { Name } from '../domain/names.ts';
import { TimeZone } from '../domain/retail/local-time.ts';
import { UsageError } from './errors.ts';

/** A store, region, group or person as the domain names them. @throws UsageError */
export function nameArgument(text: string): string {
  return argument(Name, text);
}

/** An IANA time zone. @throws UsageError */
export function timeZoneArgument(text: string): string {
  return argument(TimeZone, text);
}

function argument(schema: v.GenericSchema<string>, text: string): string {
  const parsed = v.safeParse(schema, text);
  if (!parsed.success) throw new UsageError(`'${text}' ${parsed.issues[0].message}`);
  return parsed.output;
}
