/** One whole request as the edge read it: the services never see a half-read body. */
export interface HttpRequest {
  method: string;
  /** Path as it came, percent-encoding untouched, without the query. */
  path: string;
  /** Raw query without its question mark. */
  query: string;
  /** Lower-case names; a repeated header is joined by a comma. */
  headers: Record<string, string>;
  body: Buffer;
  sourceIp: string;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** An answer in AWS's JSON form, as every service here but API Gateway gives it. */
export function jsonResponse(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}
