/** Stands in for the SDK's event streams in the bundles: no operation that a handler calls has one. */
export class EventStreamSerde {
  constructor() {
    throw new Error('the bundles leave the event streams of the SDK out: see lib/bundles.ts');
  }
}

export const eventStreamSerdeProvider = (): never => {
  throw new Error('the bundles leave the event streams of the SDK out: see lib/bundles.ts');
};

/** A client's own set-up: Lambda has streaming operations beside the one that is called. */
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;
