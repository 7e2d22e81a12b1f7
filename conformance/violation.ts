/** How a scenario ends before its time. */

/** The till broke the rule: the message says what was expected and what came. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** There is no till: its command can't be started, whatever the rule. The message says why. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** The rule says nothing of a till like this one. The message says why. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}
