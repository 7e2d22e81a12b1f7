/** Which sales of a store's day the chain lacks, where its tills number them. */
import * as v from 'valibot';
import type { Page } from '../../domain/protocol/http-api.ts';
import { gapsOf, type NumberedSale, type TillGaps } from '../../domain/sales/gaps.ts';
import { daysIn } from '../../domain/sales/hours.ts';
import { minuteOf } from '../../domain/sales/sale.ts';
import { BusinessDay } from '../../domain/sales/sale-schema.ts';
import type { SalesBook } from '../sales/sales-book.ts';
import type { ApiRequest } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';
import { pageOf } from './paging.ts';

const DAY_MS = 86_400_000;
/** A business day begins up to 14 hours before that of UTC and may end after midnight; a store may be closed the day before. */
const DAYS_BEFORE = 2;
const DAYS_AFTER = 3;
/** Elsewhere the days around it have years of other than four digits. */
const DAY_PATTERN = /^[12]\d{3}-/;

/** `GET /stores/{id}/sales/gaps?businessDay` */
export async function salesGaps(
  { parameters, query }: ApiRequest,
  { sales }: { sales: SalesBook },
): Promise<Page<TillGaps>> {
  const day = dayIn(query.businessDay);
  const found = await salesAround(parameters.id ?? '', Date.parse(day), sales);
  return pageOf(gapsOf(found, day), ({ till }) => till ?? '', query);
}

async function salesAround(storeId: string, day: number, sales: SalesBook): Promise<NumberedSale[]> {
  const minuteAt = (days: number) => minuteOf(new Date(day + days * DAY_MS).toISOString());
  const days = daysIn({ from: minuteAt(-DAYS_BEFORE), to: minuteAt(DAYS_AFTER) });
  const read = days.map(async ({ from, to }) => {
    const numbered: NumberedSale[] = [];
    for await (const minute of sales.salesOf(storeId, from, to)) {
      for (const { businessDay, sequence, soldAt, till } of minute) {
        if (sequence !== undefined) numbered.push({ businessDay, sequence, soldAt, till });
      }
    }
    return numbered;
  });
  return (await Promise.all(read)).flat();
}

function dayIn(text: string | undefined): string {
  const parsed = v.safeParse(BusinessDay, text);
  if (parsed.success && DAY_PATTERN.test(parsed.output)) return parsed.output;
  throw new HttpProblem(400, 'businessDay must be a date, such as 2026-12-01');
}
