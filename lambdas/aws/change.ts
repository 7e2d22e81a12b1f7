/** A change of an item, as its table's stream reports it. The table's own module knows what it means. */
import type { DynamoDBRecord } from 'aws-lambda';
import type { Item } from './codecs.ts';

export interface Change {
  keys: Item;
  /** The item before and after, as far as the stream reports them; undefined where there is none. */
  before: Item | undefined;
  after: Item | undefined;
  isRemoval: boolean;
  /** Milliseconds since the epoch, in whole seconds. */
  at: number;
}

export function toChange({ dynamodb = {}, eventName }: DynamoDBRecord): Change {
  const { ApproximateCreationDateTime = 0, Keys = {}, NewImage, OldImage } = dynamodb;
  return {
    keys: Keys as Item,
    before: OldImage as Item | undefined,
    after: NewImage as Item | undefined,
    isRemoval: eventName === 'REMOVE',
    at: ApproximateCreationDateTime * 1000,
  };
}

/** The table in `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`. */
export function tableOf({ eventSourceARN = '' }: DynamoDBRecord): string {
  return eventSourceARN.split('/')[1] ?? '';
}
