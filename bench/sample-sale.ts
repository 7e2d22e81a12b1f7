/** The sale that every benchmark's tills make: two lines, now. */
let saleCount = 0;

export function sale(): {
  saleId: string;
  soldAt: string;
  currency: string;
  total: number;
  lines: { sku: string; quantity: number; unitPrice: number }[];
} {
  saleCount += 1;
  return {
    saleId: `${process.pid}-${saleCount}`,
    soldAt: new Date().toISOString(),
    currency: 'EUR',
    total: 487,
    lines: [
      { sku: '4006381333931', quantity: 2, unitPrice: 199 },
      { sku: '4311501043271', quantity: 1, unitPrice: 89 },
    ],
  };
}
