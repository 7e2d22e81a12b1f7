/**
 * What one write to a store's minute says of the articles sold: their sums by SKU, and how their lines compare with the
 * listed prices, as one text of which the second part is mostly short: `EUR A 2 398 B/KGM 0.482 626|0:1` says that A was one
 * line. What it leaves out is exact: a line for each piece, or one of what is weighed. After `|-` it is unlisted.
 */
import { PIECES } from '../retail/quantity.ts';
import {
  type AuditCounts,
  type AuditTotals,
  addCounts,
  auditedLines,
  auditOf,
  decodeCounts,
  encodeCounts,
  NOTHING,
} from './price-audit.ts';
import type { Sale } from './sale.ts';
import { skuTotals } from './sales-sums.ts';

/** No line says what was listed. */
const UNLISTED = '-';

interface Article {
  /** With its unit, unless that is pieces. */
  key: string;
  currency: string;
  /** What it was sold of, as text. */
  quantity: string;
}

export function encodeSold(sales: readonly Sale[]): string {
  const sums = skuTotals(sales).encode();
  const audited = auditByArticle(sales);
  const isListed = [...audited.values()].some(({ exact, over, under }) => exact + over + under > 0);
  const usual = isListed ? 'exact' : 'unlisted';
  const parts = articlesIn(sums).flatMap((article, index) => {
    const counts = encodeCounts(audited.get(nameOf(article)) ?? NOTHING);
    return counts === encodeCounts(usualOf(article, usual)) ? [] : [`${index}:${counts}`];
  });
  return `${sums}|${isListed ? '' : UNLISTED}${parts.join(',')}`;
}

/** The sums by SKU, as `Totals` encodes them. */
export function sumsIn(sold: string): string {
  const end = sold.indexOf('|');
  return end < 0 ? sold : sold.slice(0, end);
}

/** Adds how the lines compare. @param keyOf the key of a SKU; undefined leaves it out */
export function addAudit(audit: AuditTotals, sold: string, keyOf: (sku: string) => string | undefined): void {
  const sums = sumsIn(sold);
  const said = sold === sums ? UNLISTED : sold.slice(sums.length + 1);
  const usual = said.startsWith(UNLISTED) ? 'unlisted' : 'exact';
  const unusual = new Map<number, string>();
  for (const [, index, counts = ''] of said.matchAll(/(\d+):([\d:]+)/g)) unusual.set(Number(index), counts);
  for (const [index, article] of articlesIn(sums).entries()) {
    const key = keyOf(article.key.split('/', 1)[0] ?? '');
    if (key === undefined) continue;
    const counts = unusual.get(index);
    audit.add(key, article.currency, counts === undefined ? usualOf(article, usual) : decodeCounts(counts));
  }
}

function auditByArticle(sales: readonly Sale[]): Map<string, AuditCounts> {
  const audited = new Map<string, AuditCounts>();
  for (const sale of sales) {
    for (const line of auditedLines(sale)) {
      const { sku, unit = PIECES } = line;
      const name = nameOf({ key: unit === PIECES ? sku : `${sku}/${unit}`, currency: sale.currency });
      audited.set(name, addCounts(audited.get(name) ?? NOTHING, auditOf(line)));
    }
  }
  return audited;
}

function nameOf({ currency, key }: Pick<Article, 'currency' | 'key'>): string {
  return `${currency} ${key}`;
}

/** In the order of the text. */
function articlesIn(sums: string): Article[] {
  const articles: Article[] = [];
  if (sums === '') return articles;
  for (const part of sums.split(';')) {
    const [currency = '', ...tokens] = part.split(' ');
    for (let index = 0; index < tokens.length; index += 3)
      articles.push({ key: tokens[index] ?? '', currency, quantity: tokens[index + 1] ?? '' });
  }
  return articles;
}

/** A line for each piece, or one of what is weighed. */
function usualOf({ key, quantity }: Article, kind: 'exact' | 'unlisted'): AuditCounts {
  const pieces = Number(quantity);
  const lines = !key.includes('/') && Number.isSafeInteger(pieces) && pieces > 0 ? pieces : 1;
  return { ...NOTHING, [kind]: lines };
}
