/** The last line of a run, in plain words: what ran, whatever the other reporters print and however they colour it. */
import type { Reporter, TestModule } from 'vitest/node';

export class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()]);
    const count = (state: string) => tests.filter(test => test.result().state === state).length;
    // A file that could not be run has no tests to count.
    const broken = modules.filter(module => module.state() === 'failed' && module.errors().length > 0).length;
    const failed = count('failed') + broken + unhandledErrors.length;
    // Behind the report of the coverage.
    process.once('exit', () => console.log(`${count('passed')} passed, ${failed} failed`));
  }
}
