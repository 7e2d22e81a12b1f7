/** Which sales of a store's day the chain lacks, where its tills number them. */
import * as v from 'valibot';
import type { Page } from '../../domain/protocol/http-api.ts';
import { gapsOf, type TillGaps } from '../../domain/sales/gaps.ts';
import { BusinessDay } from '../../domain/sales/sale-schema.ts';
import type { SalesBook } from '../sales/sales-book.ts';
import { salesAround } from '../sales/sales-of-day.ts';
import type { ApiRequest } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';
import { pageOf } from './paging.ts';

/** Elsewhere the days around it have years of other than four digits. */
const DAY_PATTERN = /^[12]\d{3}-/;

/** `GET /stores/{id}/sales/gaps?businessDay` */
export async function salesGaps(
  { parameters, query }: ApiRequest,
  { sales }: { sales: SalesBook },
): Promise<Page<TillGaps>> {
  const day = dayIn(query.businessDay);
  const found = await salesAround(parameters.id ?? '', day, sales);
  return pageOf(gapsOf(found, day), ({ till }) => till ?? '', query);
}

function dayIn(text: string | undefined): string {
  const parsed = v.safeParse(BusinessDay, text);
  if (parsed.success && DAY_PATTERN.test(parsed.output)) return parsed.output;
  throw new HttpProblem(400, 'businessDay must be a date, such as 2026-12-01');
}
