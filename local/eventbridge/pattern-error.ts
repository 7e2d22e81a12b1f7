/** An event pattern that EventBridge would refuse with `InvalidEventPatternException`. */
export class InvalidEventPatternError extends Error {
  override readonly name = 'InvalidEventPatternError';
  /** AWS's own sentence, without the prefix and the place. */
  readonly reason: string;
  /** Where in the pattern, for example `detail.$or[1].price`; empty for the pattern as a whole. */
  readonly path: string;

  /** AWS ends the message with line and column of the text; what is parsed here has none, so the path it is. */
  constructor(reason: string, path: string) {
    super(`Event pattern is not valid. Reason: ${reason}${path && `\n at ${path}`}`);
    this.reason = reason;
    this.path = path;
  }
}
