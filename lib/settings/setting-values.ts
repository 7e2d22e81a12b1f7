/** The kinds of values that settings have, as the command line, cdk.json or a construct's props give them. */
import * as v from 'valibot';
import { Guards } from '../../domain/updates/guards.ts';

export const wholeNumber = (least: number, most: number) =>
  v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.nonEmpty(), v.transform(Number))]),
    v.integer(),
    v.minValue(least),
    v.maxValue(most),
  );
/** Days, as CloudWatch Logs offers them. */
export const LOG_RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 3_653,
];
export const logRetention = v.pipe(
  wholeNumber(1, 3_653),
  v.check(days => LOG_RETENTIONS.includes(days)),
);
export const flag = v.pipe(
  v.union([v.boolean(), v.picklist(['true', 'false'])]),
  v.transform(value => value === true || value === 'true'),
);
export const listOf = <T extends v.GenericSchema<string, string>>(item: T) =>
  v.pipe(
    v.union([
      v.array(v.string()),
      v.pipe(
        v.string(),
        v.transform(list => list.split(',').map(part => part.trim())),
      ),
    ]),
    v.array(item),
  );
export const domainName = v.pipe(
  v.string(),
  v.regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/),
);
export const principalArn = v.pipe(
  v.string(),
  v.regex(/^arn:aws[\w-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/),
);
/** AWS keeps the prefix aws: for itself. */
export const tag = v.pipe(v.string(), v.regex(/^(?!aws:)[\w.:/+@ -]{1,128}=[\w.:/=+@ -]{0,256}$/i));

/** Guards as an object, or as the command line has them: `NAME=NUMBER`, separated by commas. */
export const guardRules = v.pipe(
  v.union([
    v.pipe(
      listOf(v.pipe(v.string(), v.regex(/^\w+=\d+(\.\d+)?$/))),
      v.transform(rules => Object.fromEntries(rules.map(rule => rule.split('=') as [string, string]))),
      v.record(v.string(), v.pipe(v.string(), v.transform(Number))),
    ),
    v.record(v.string(), v.number()),
  ]),
  Guards,
);

/** Over plain http, a middleman could answer with keys of its own and sign tokens for any store. */
export function isJwksUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname));
}

/**
 * A browser's `Origin`: scheme, host and port, and nothing behind them. A packaged till's page has a scheme of its
 * app's, `file://`, or `null` where the browser keeps it to itself.
 */
export function isOrigin(text: string): boolean {
  if (['*', 'null', 'file://'].includes(text)) return true;
  if (!URL.canParse(text)) return false;
  const { host, origin, protocol } = new URL(text);
  return /^https?:$/.test(protocol) ? origin === text : host !== '' && `${protocol}//${host}` === text;
}
