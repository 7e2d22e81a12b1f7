import { randomUUID } from 'node:crypto';
import type { FunctionDefinition } from './function-definition.ts';

/**
 * The variables of one Lambda environment ("Working with Lambda environment variables", defined runtime variables).
 * Nothing of this process's own but PATH: a handler that works by the developer's credentials would fail on AWS.
 */
export function environmentVariables(
  definition: FunctionDefinition,
  { region, endpointUrl, now }: { region: string; endpointUrl: string; now: number },
): Record<string, string> {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    ...definition.environment,
    ...(process.env.PATH ? { PATH: process.env.PATH } : {}),
    _HANDLER: definition.handler,
    // Workers share the process's time zone, so this only informs; run the local cloud itself with TZ=UTC.
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    LAMBDA_TASK_ROOT: definition.codeDirectory,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: definition.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: definition.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: definition.credentials.sessionToken,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${randomUUID().replaceAll('-', '')}`,
  };
}
