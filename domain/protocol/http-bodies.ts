/** What the HTTP API of head office is sent. */
import * as v from 'valibot';
import { Name } from '../names.ts';
import { TimeZone } from '../retail/local-time.ts';
import { isPlainText } from '../text.ts';

/** The body of `POST /updates`. */
export const Publication = v.strictObject({
  type: v.string(),
  detail: v.looseObject({ updateId: v.optional(v.string()) }),
});
export type Publication = v.InferInput<typeof Publication>;

const GroupList = v.pipe(
  v.array(Name, 'must be a list'),
  v.maxLength(100, 'must not name more than 100'),
  v.transform(groups => [...new Set(groups)]),
);
const DisplayName = v.pipe(
  v.string('must be a string'),
  v.check(name => name.trim() !== '' && name.length <= 100, 'must have 1 to 100 characters'),
  v.check(isPlainText, 'must be plain text of one line'),
);
/** The body of `PUT /stores/{id}`: what is left out stays, null falls back to what the store's token says. */
export const PlacementChange = v.pipe(
  v.unknown(),
  v.check(value => !Array.isArray(value), 'must be an object'),
  v.strictObject(
    {
      region: v.exactOptional(v.nullable(Name)),
      groups: v.exactOptional(v.nullable(GroupList)),
      timeZone: v.exactOptional(v.nullable(TimeZone)),
      name: v.exactOptional(v.nullable(DisplayName)),
    },
    'must be an object',
  ),
);
export type PlacementChange = v.InferOutput<typeof PlacementChange>;
