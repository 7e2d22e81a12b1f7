/** Findings as JUnit XML, which build servers show. */
import type { Finding } from './rule.ts';

export function junitOf(findings: readonly Finding[]): string {
  const count = (status: Finding['status']) => findings.filter(finding => finding.status === status).length;
  const seconds = findings.reduce((sum, finding) => sum + finding.seconds, 0);
  const totals = attributes({
    name: 'storecast conformance',
    tests: findings.length,
    failures: count('failed'),
    skipped: count('not-applicable'),
    errors: 0,
    time: seconds.toFixed(1),
  });
  const cases = findings.map(testCase).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite${totals}>\n${cases}</testsuite>\n</testsuites>\n`;
}

function testCase({ rule, status, sentence, detail, course, seconds }: Finding): string {
  const named = attributes({ classname: 'storecast', name: `${rule}: ${sentence}`, time: seconds });
  if (status === 'passed') return `<testcase${named}/>\n`;
  const element = status === 'failed' ? 'failure' : 'skipped';
  const message = attributes({ message: detail ?? '' });
  const text = course === null ? '/>' : `>${escapeXml(course)}</${element}>`;
  return `<testcase${named}><${element}${message}${text}</testcase>\n`;
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

/** A till may say anything, also what no XML may hold. */
function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, ' ')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
