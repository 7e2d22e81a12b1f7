/** Stands in for parts of the SDK in the bundles that no handler has a use for. */
function leftOut(): never {
  throw new Error('the bundles leave this part of the SDK out: see lib/bundle/bundled-sdk.ts');
}

export {
  /** For `AWS_RETRY_MODE=adaptive`, which the stack doesn't set. */
  leftOut as AdaptiveRetryStrategy,
  /** For S3. */
  leftOut as resolveParamsForS3,
  /** For answers that are streams. */
  leftOut as sdkStreamMixin,
};
