/** How lines of sales compare with listed prices: in all, and where most of them differ. */
import type { AuditBy } from '../../../domain/protocol/sales-answers.ts';

type Counts = Omit<AuditBy<'store'>, 'store' | 'currency'>;

export interface AuditFigures extends Counts {
  /** Of the lines that say what was listed, those that were charged otherwise; undefined without any. */
  share: number | undefined;
}

const NOTHING: Counts = { exact: 0, over: 0, under: 0, unlisted: 0, overAmount: 0, underAmount: 0 };

export function auditFigures(items: readonly Counts[]): AuditFigures {
  const sum = { ...NOTHING };
  for (const item of items) {
    for (const name of Object.keys(NOTHING) as (keyof Counts)[]) sum[name] += item[name];
  }
  return { ...sum, share: shareOf(sum) };
}

/** Over and under, of what can be compared. */
export function shareOf({
  exact,
  over,
  under,
}: Pick<Counts, 'exact' | 'over' | 'under'>): number | undefined {
  const listed = exact + over + under;
  return listed === 0 ? undefined : (over + under) / listed;
}

/** Those with lines that differ, the most first. */
export function mostWrong<T extends Counts>(items: readonly T[]): T[] {
  return items
    .filter(({ over, under }) => over + under > 0)
    .sort((a, b) => b.over + b.under - (a.over + a.under));
}
