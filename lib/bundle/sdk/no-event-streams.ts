/** Stands in for the SDK's event streams in the bundles: no operation that a handler calls has one. */
export class EventStreamSerde {
  constructor() {
    leftOut();
  }
}

/** Writes the headers of a signed event; every signer has one. */
export class HeaderFormatter {
  format = leftOut;
}

export const eventStreamSerdeProvider = leftOut;

/** A client's own set-up: Lambda has streaming operations beside the one that is called. */
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;

function leftOut(): never {
  throw new Error('the bundles leave the event streams of the SDK out: see lib/bundle/bundled-sdk.ts');
}
