/** A Lambda may return anything to API Gateway: nothing of it is used before it is checked. */
import { isObject } from '../json-text.ts';

/** The status of a proxy result, 200 when it names none; undefined when the result is malformed. */
export function readProxyStatus(payload: unknown): number | undefined {
  if (!isObject(payload)) return undefined;
  const { statusCode = 200 } = payload;
  if (typeof statusCode !== 'number' && typeof statusCode !== 'string') return undefined;
  const status = Number(statusCode);
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;
}
