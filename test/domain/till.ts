/** Sales as a till rings them up. */
import type { Sale } from '../../domain/sales/sale.ts';

/** Its total is what its lines add up to, unless a test says otherwise. */
export function ringUp(saleId: string, change: Partial<Sale> = {}): Sale {
  const lines = change.lines ?? [{ sku: 'A', quantity: 2, unitPrice: 199 }];
  const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
  return { saleId, soldAt: '2024-03-01T08:00:30.000Z', currency: 'EUR', total, lines, ...change };
}

/** A sale of so many lines, at some 50 bytes each. */
export function ringUpLines(saleId: string, count: number, change: Partial<Sale> = {}): Sale {
  const lines = Array.from({ length: count }, () => ({ sku: 'ABCDEFGH', quantity: 1, unitPrice: 100 }));
  return ringUp(saleId, { lines, ...change });
}
