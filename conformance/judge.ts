/** Tries a till on rules, many side by side: most of their time is waiting. */
import type { Finding, Rule } from './rule.ts';
import { Scene } from './scene.ts';
import type { TraceEntry } from './trace.ts';
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
  /** Told of all that happens, as it happens. */
  trace?: (rule: Rule, entry: TraceEntry) => void;
}

/**
 * @returns a finding for each rule, in their order
 * @throws CannotStart
 */
export async function judge({
  rules,
  command,
  atOnce,
  patience,
  found = () => {},
  trace = () => {},
}: JudgeOptions): Promise<Finding[]> {
  const findings = new Map<Rule, Finding>();
  const waiting = rules.toSorted((one, other) => (other.seconds ?? 0) - (one.seconds ?? 0));
  const work = async (): Promise<void> => {
    for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) {
      const scene = await Scene.open(command(rule), patience, entry => trace(rule, entry));
      const finding = await tryRule(rule, scene);
      findings.set(rule, finding);
      found(finding);
    }
  };
  const giveUp = (error: unknown): never => {
    waiting.length = 0;
    throw error;
  };
  await Promise.all(Array.from({ length: atOnce }, () => work().catch(giveUp)));
  return rules.flatMap(rule => findings.get(rule) ?? []);
}

async function tryRule(rule: Rule, scene: Scene): Promise<Finding> {
  const startedAt = performance.now();
  const outcome = await play(rule, scene);
  const { id, sentence, place } = rule;
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { rule: id, sentence, place, seconds, ...outcome };
}

async function play({ play }: Rule, scene: Scene): Promise<Pick<Finding, 'status' | 'detail' | 'course'>> {
  try {
    await play(scene);
    const [fault] = scene.chain.faults;
    if (fault !== undefined) throw new Violation(fault);
    return { status: 'passed', detail: null, course: null };
  } catch (error) {
    if (error instanceof NotApplicable)
      return { status: 'not-applicable', detail: error.message, course: null };
    if (error instanceof Violation)
      return { status: 'failed', detail: error.message, course: scene.trace.course };
    throw error;
  } finally {
    await scene.close();
  }
}
