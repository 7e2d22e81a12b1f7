/** DynamoDB on a bad day, for tests: a table that is over its capacity, or fails, as "Error handling with DynamoDB" says. */

import type { Faults } from '../cloud-options.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';

const PREFIX = 'com.amazonaws.dynamodb.v20120810#';

/** The answer to a request that meets a fault; a batch meets that of any of its tables. */
export function tableFault(
  request: HttpRequest,
  faultOf: Faults['table'] | undefined,
): HttpResponse | undefined {
  if (faultOf === undefined) return undefined;
  const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
  for (const name of tableNames(request)) {
    const fault = faultOf(operation, name);
    if (fault !== undefined) return ANSWERS[fault];
  }
  return undefined;
}

const headers = { 'content-type': 'application/x-amz-json-1.0' };
const ANSWERS = {
  throttle: jsonResponse(
    400,
    {
      __type: `${PREFIX}ProvisionedThroughputExceededException`,
      message:
        'The level of configured provisioned throughput for the table was exceeded. ' +
        'Consider increasing your provisioning level with the UpdateTable API.',
    },
    headers,
  ),
  error: jsonResponse(
    500,
    { __type: `${PREFIX}InternalServerError`, message: 'Internal server error' },
    headers,
  ),
};

/** None where the body is no JSON: the service itself will say what is wrong with it. */
function tableNames({ body }: HttpRequest): string[] {
  try {
    const { TableName, RequestItems } = JSON.parse(body.toString()) ?? {};
    if (typeof TableName === 'string') return [TableName];
    return typeof RequestItems === 'object' && RequestItems !== null ? Object.keys(RequestItems) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
