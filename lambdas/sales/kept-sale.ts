/**
 * The sales of one write, as a minute's item keeps them: the time at which the chain received them, and all of them
 * deflated together. A till's sales are much alike, so a minute of seven, with some 28 articles, takes one write unit.
 */
import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { fingerprintOf, type Sale, saleKey } from '../../domain/sales/sale.ts';

/** 54 bits. */
const MARK_LENGTH = 9;

/**
 * What sales are made of, the most frequent last: deflating points there instead of spelling it out. Items are read by it,
 * so it stays as it is.
 */
const ORDINARY_SALE =
  '"listed":"discounts":[{"amount":"offerId":"reason":"gtin":"unit":"KGM""operator":"businessDay":"202' +
  '"type":"return","original":{"storeId":"rounding":{"receivedAt":"2026-12-01T06:00:00.000Z","sales":[{"saleId":"",' +
  '"till":"1","soldAt":"2026-12-01T06:00:00.000Z","currency":"EUR","total":,"lines":[{"sku":"","unitPrice":,' +
  '"quantity":1,"tax":"A"},{"sku":""}],"taxes":[{"code":"A","percent":19,"base":,"amount":,"included":true}],' +
  '"tenders":[{"type":"cash","amount":}]},"type":"card",';

export interface KeptSale {
  /** ISO 8601, in UTC with milliseconds. */
  receivedAt: string;
  sale: Sale;
}

/** The writes of a minute, and the sums by SKU of each. */
export interface PackedSales {
  packs: readonly Uint8Array[];
  skus: readonly string[];
}

interface Pack {
  receivedAt: string;
  sales: readonly PackedSale[];
  /** A line that says nothing of a listed price has its unit price as such, and null stands for none. */
  areListed?: 1;
}
type SaleLine = Sale['lines'][number];
type PackedSale = Omit<Sale, 'lines'> & {
  lines: (Omit<SaleLine, 'listed'> & { listed?: number | null | undefined })[];
};

/** @param skus the sums by SKU of these sales, as the minute keeps them: the names of the articles are there already */
export function packSales(receivedAt: string, sales: readonly Sale[], skus: string): Uint8Array {
  const areListed = sales.some(({ lines }) => lines.some(isAsListed));
  const pack: Pack = areListed
    ? { receivedAt, sales: sales.map(withoutListed), areListed: 1 }
    : { receivedAt, sales };
  return deflateRawSync(JSON.stringify(pack), { dictionary: dictionaryOf(skus), level: 9 });
}

function isAsListed({ listed, unitPrice }: SaleLine): boolean {
  return listed === unitPrice;
}

/** Most of them are as listed, which need not be spelled out. */
function withoutListed(sale: Sale): PackedSale {
  const lines = sale.lines.map(({ listed, ...line }) => {
    if (listed === line.unitPrice) return line;
    return { ...line, listed: listed ?? null };
  });
  return { ...sale, lines };
}

function withListed(sale: PackedSale): Sale {
  const lines = sale.lines.map(({ listed = undefined, ...line }) => {
    if (listed === null) return line;
    return { ...line, listed: listed ?? line.unitPrice };
  });
  return { ...sale, lines };
}

/**
 * A short name for what tells a sale from the others of its minute: its condition is in every write, and a till's own ids may
 * be long. Two of one name are found by the whole of their keys.
 */
export function markOf(sale: Sale): string {
  return hash('sha256', saleKey(sale), 'base64url').slice(0, MARK_LENGTH);
}

/** By what tells a sale from the others of its minute. */
export function unpackSales({ packs, skus }: PackedSales): Map<string, KeptSale> {
  const kept = new Map<string, KeptSale>();
  for (const [index, pack] of packs.entries()) {
    const { receivedAt, sales } = unpack(pack, skus[index]);
    for (const sale of sales) kept.set(saleKey(sale), { receivedAt, sale });
  }
  return kept;
}

/** The sales of the last write. */
export function unpackLast({ packs, skus }: PackedSales): KeptSale[] {
  const last = packs.at(-1);
  if (last === undefined) return [];
  const { receivedAt, sales } = unpack(last, skus[packs.length - 1]);
  return sales.map(sale => ({ receivedAt, sale }));
}

function unpack(pack: Uint8Array, skus = ''): { receivedAt: string; sales: Sale[] } {
  const text = inflateRawSync(pack, { dictionary: dictionaryOf(skus) }).toString();
  const { areListed, receivedAt, sales } = JSON.parse(text) as Pack;
  return { receivedAt, sales: areListed === 1 ? sales.map(withListed) : (sales as Sale[]) };
}

function dictionaryOf(skus: string): Buffer {
  return Buffer.from(skus + ORDINARY_SALE);
}

/** Whether what is kept has the content of this sale, whatever the order of its fields, and what was listed when it was sent. */
export function isKeptAs({ sale: kept }: KeptSale, sale: Sale): boolean {
  const [one, other] = [unlisted(kept), unlisted(sale)];
  return JSON.stringify(one) === JSON.stringify(other) || fingerprintOf(one) === fingerprintOf(other);
}

function unlisted(sale: Sale): Sale {
  return { ...sale, lines: sale.lines.map(({ listed, ...line }) => line) };
}
