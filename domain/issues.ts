/** What is wrong with a message, for whoever sent it. */
import * as v from 'valibot';

const MOST_ISSUES = 10;
const MOST_CHARACTERS = 300;

/** `prices.0.amount: must not be negative; …`: names places and problems, and stays short whatever was sent. */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[], whole: string): string {
  const described = issues.slice(0, MOST_ISSUES).map(issue => {
    const place = v.getDotPath(issue as v.BaseIssue<unknown>) ?? whole;
    return `${place}: ${problemOf(issue)}`.slice(0, MOST_CHARACTERS);
  });
  const rest = issues.length - described.length;
  return [...described, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

function problemOf({ type, expected, received, message }: v.BaseIssue<unknown>): string {
  const isAboutKey = type === 'strict_object' || type === 'object';
  if (isAboutKey && expected === 'never') return 'is unknown';
  return isAboutKey && received === 'undefined' ? 'is missing' : message;
}
