/** Article by article: what was sold today and until the same time yesterday, and which of them moved the sum. */
import type { TotalBy } from '../../../domain/protocol/sales-answers.ts';

export interface ProductFigures {
  sku: string;
  /** What `count` counts, a UN/ECE Rec 20 code. */
  unit: string;
  count: number;
  /** Minor units. */
  amount: number;
  before: number;
}

/** The most revenue first; what it gained, or lost, against the day before. */
export type ProductOrder = 'revenue' | 'gained' | 'lost';

export function productFigures(
  today: readonly TotalBy<'sku'>[],
  before: readonly TotalBy<'sku'>[],
  currency: string | undefined,
): ProductFigures[] {
  const figures = new Map<string, ProductFigures>();
  const of = ({ sku, unit }: TotalBy<'sku'>) => {
    const key = `${sku} ${unit}`;
    const found = figures.get(key) ?? { sku, unit, count: 0, amount: 0, before: 0 };
    figures.set(key, found);
    return found;
  };
  for (const total of today) {
    if (total.currency === currency) Object.assign(of(total), { count: total.count, amount: total.amount });
  }
  // One that was sold yesterday alone is what a fall is about.
  for (const total of before) if (total.currency === currency) of(total).before = total.amount;
  return [...figures.values()];
}

export function inOrder(figures: readonly ProductFigures[], order: ProductOrder): ProductFigures[] {
  const change = ({ amount, before }: ProductFigures) => amount - before;
  if (order === 'revenue') return figures.toSorted((a, b) => b.amount - a.amount);
  if (order === 'gained') return figures.filter(one => change(one) > 0).sort((a, b) => change(b) - change(a));
  return figures.filter(one => change(one) < 0).sort((a, b) => change(a) - change(b));
}
