/** Lambda refuses its own names at deploy, and more than 4 KB of all variables together. */
import { type Finding, resourcesOf, show, type Template } from './template.ts';

/** "Defined runtime environment variables": the reserved ones. */
const reserved = new Set([
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV'],
  ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION'],
  ...['AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_LAMBDA_RUNTIME_API', 'AWS_LAMBDA_MAX_CONCURRENCY', 'AWS_LAMBDA_METADATA_API'],
  ...['AWS_LAMBDA_METADATA_TOKEN', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
]);

const MOST_BYTES = 4_096;
/** A name or an ARN that is known only at deploy: about as long as they get here. */
const RESOLVED_BYTES = 100;

export function environmentVariables(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::Lambda::Function').flatMap(({ logicalId, properties }) => {
    const at = 'Properties.Environment.Variables';
    const variables = Object.entries<unknown>(properties.Environment?.Variables ?? {});
    const found = variables
      .filter(([name]) => reserved.has(name))
      .map(([name]) => ({ logicalId, at, problem: `${name} is Lambda's own name: use another` }));
    const bytes = variables.reduce((sum, [name, value]) => sum + name.length + bytesOf(value), 0);
    if (bytes <= MOST_BYTES) return found;
    const problem = `the variables take ${bytes} bytes, and Lambda has ${MOST_BYTES} for all of them`;
    return [...found, { logicalId, at, problem }];
  });
}

function bytesOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : Math.min(show(value).length, RESOLVED_BYTES);
}
