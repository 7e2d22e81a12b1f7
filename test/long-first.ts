/**
 * Starts the files that take longest first, so that none of them runs alone at the end. Most of them wait for what the
 * protocol counts in real seconds, and leave the cores to the others.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONGEST = [
  'conformance/broken-tills',
  'conformance/own-till',
  'conformance/python-till',
  'cli/conformance',
  'cli/start',
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONGEST.findIndex(name => moduleId.endsWith(`test/${name}.test.ts`));
  return rank < 0 ? LONGEST.length : rank;
}
