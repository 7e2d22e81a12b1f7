/**
 * What valibot checks by a function, as far as JSON Schema can say it. Each of these is wider than the check, never
 * narrower: what our parsers take, the schema takes. A check that is listed nowhere stops the program.
 */
import type * as v from 'valibot';
import { Currency } from '../domain/money.ts';
import { StoredSale } from '../domain/protocol/http-api.ts';
import { TillClosing } from '../domain/protocol/store-frames.ts';
import { Gtin } from '../domain/retail/gtin.ts';
import { LocalTime, TimeZone } from '../domain/retail/local-time.ts';
import { Title } from '../domain/retail/plain-fields.ts';
import { OUT_OF_ORDER, TWO_FORMS } from '../domain/retail/validity.ts';
import { Timestamp } from '../domain/time.ts';

export type JsonSchema = { [keyword: string]: unknown };

/** Schemas that have a name in every document, and what it stands for. */
export const byHand: Record<string, [schema: v.GenericSchema, said: JsonSchema]> = {
  Timestamp: [
    Timestamp,
    {
      type: 'string',
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$',
      description:
        'ISO 8601 date and time with a zone; a date that a calendar has. Kept in UTC with milliseconds.',
    },
  ],
  LocalTime: [
    LocalTime,
    {
      type: 'string',
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?$',
      description: 'Date and time on the wall clock of the store, without a zone, such as 2026-12-01T06:00.',
    },
  ],
  TimeZone: [
    TimeZone,
    {
      type: 'string',
      pattern: '^[A-Za-z]',
      description: 'Name of the IANA time zone database, such as Europe/Berlin.',
    },
  ],
  Currency: [Currency, { type: 'string', pattern: '^[A-Z]{3}$', description: 'ISO 4217 code, such as EUR.' }],
  Date: [
    TillClosing.entries.businessDay,
    { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'A date that a calendar has.' },
  ],
  Gtin: [
    Gtin,
    {
      type: 'string',
      pattern: '^\\d{8,14}$',
      description: 'GTIN with the right check digit as its last one.',
    },
  ],
  Title: [
    Title,
    {
      type: 'string',
      pattern: '^\\s*\\S([\\s\\S]{0,198}\\S)?\\s*$',
      description: '1 to 200 characters between blanks, which are cut off; no control characters.',
    },
  ],
  StoredSale: [StoredSale, { $ref: '#/$defs/Sale' }],
};

/** Checks by their message. Nothing means that only words can say it: docs/protocol.md, docs/retail.md. */
export const byMessage: Record<string, JsonSchema> = {
  'names a SKU twice': { uniqueItems: true },
  'names nobody; leave it out to reach every store': { minProperties: 1 },
  'must not be 0': { not: { enum: [0] } },
  [TWO_FORMS]: {
    not: {
      anyOf: [{ required: ['validFrom', 'validFromLocal'] }, { required: ['validUntil', 'validUntilLocal'] }],
    },
  },
  'must have 1 to 100 characters': { pattern: '\\S', maxLength: 100 },
  [OUT_OF_ORDER]: {},
  'prices a SKU twice': {},
  'must have at most three decimals': {},
  'must have at most four decimals': {},
  'from and to must differ': {},
  'must be plain text of one line': {},
  'must be an object': {},
  'must end with {"percent":100}, the wave to the audience itself': {},
};

/** A check whose message depends on what is wrong: that of an offer as a whole. */
export const offerAsAWhole: JsonSchema = {
  allOf: [
    { anyOf: [{ required: ['discount'] }, { required: ['bundle'] }] },
    { anyOf: [{ required: ['validUntil'] }, { required: ['validUntilLocal'] }] },
    { not: { required: ['buy', 'bundle'] } },
    byMessage[TWO_FORMS],
  ],
};
