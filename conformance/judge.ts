/** Tries a till on rules, many side by side: most of their time is waiting. */
import type { Finding, Rule } from './rule.ts';
import { Scene } from './scene.ts';
import { NotApplicable, Violation } from './violation.ts';

export interface JudgeOptions {
  rules: readonly Rule[];
  /** How the till is started that is tried on a rule. */
  command: (rule: Rule) => readonly string[];
  /** Rules that are tried at the same time. */
  atOnce: number;
  /** How many times longer than usual a till may take for what has no time of its own. */
  patience: number;
  /** Told of each as it is known. */
  found?: (finding: Finding) => void;
}

/** @returns a finding for each rule, in their order */
export async function judge({
  rules,
  command,
  atOnce,
  patience,
  found = () => {},
}: JudgeOptions): Promise<Finding[]> {
  const findings = new Map<Rule, Finding>();
  const waiting = rules.toSorted((one, other) => (other.seconds ?? 0) - (one.seconds ?? 0));
  const work = async (): Promise<void> => {
    for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) {
      const finding = await tryRule(rule, command(rule), patience);
      findings.set(rule, finding);
      found(finding);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return rules.flatMap(rule => findings.get(rule) ?? []);
}

async function tryRule(rule: Rule, command: readonly string[], patience: number): Promise<Finding> {
  const startedAt = performance.now();
  const { status, detail } = await play(rule, command, patience);
  const { id, sentence, place } = rule;
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { rule: id, status, sentence, place, detail, seconds };
}

async function play(
  { play }: Rule,
  command: readonly string[],
  patience: number,
): Promise<Pick<Finding, 'status' | 'detail'>> {
  const scene = await Scene.open(command, patience);
  try {
    await play(scene);
    const [fault] = scene.chain.faults;
    if (fault !== undefined) throw new Violation(fault);
    return { status: 'passed', detail: null };
  } catch (error) {
    if (error instanceof NotApplicable) return { status: 'not-applicable', detail: error.message };
    if (error instanceof Violation) return { status: 'failed', detail: error.message };
    throw error;
  } finally {
    await scene.close();
  }
}
