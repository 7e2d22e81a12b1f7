/**
 * What functions are told by their environment. Lambda refuses its own names at deploy, and more than 4 KB of all
 * variables together. A variable that names the wrong resource is found by nothing before the first invocation.
 */
import { Environment } from '../../domain/names.ts';
import { grantsTo } from './policies.ts';
import {
  type Finding,
  listOf,
  refersTo,
  refOf,
  resourcesOf,
  show,
  type Template,
  textOf,
} from './template.ts';

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

/** What a variable holds the `Ref` of, by how its name ends. */
const typeByEnding: Readonly<Record<string, string>> = {
  _TABLE: 'AWS::DynamoDB::GlobalTable',
  _QUEUE_URL: 'AWS::SQS::Queue',
  _BUS_NAME: 'AWS::Events::EventBus',
};

/** What a function can do nothing with, unless its role lets it. */
const guardedTypes = new Set([...Object.values(typeByEnding), 'AWS::KMS::Key']);

/** "Use @connections commands in your backend service": by HTTPS and with the stage, whatever name stores connect by. */
const addresses: Readonly<Record<string, readonly [pattern: RegExp, allowed: string]>> = {
  [Environment.gatewayEndpoint]: [
    /^https:\/\/\$\{\w+\}\.execute-api\.[^/]+\/[\w-]+$/,
    "the https address of a WebSocket API's stage",
  ],
  [Environment.storeEndpoint]: [/^wss:\/\/./, 'the wss address where stores connect'],
};

export function environmentVariables(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::Lambda::Function').flatMap(({ logicalId, properties }) => {
    const variables = Object.entries<unknown>(properties.Environment?.Variables ?? {});
    const problems = variables.flatMap(([name, value]) => [
      ...nameProblems(name),
      ...valueProblems(name, value, template),
      ...untouchable(value, logicalId, template).map(
        resource => `${name} names ${resource}, with which the function's role lets it do nothing`,
      ),
    ]);
    const bytes = variables.reduce((sum, [name, value]) => sum + name.length + bytesOf(value), 0);
    if (bytes > MOST_BYTES) {
      problems.push(`the variables take ${bytes} bytes, and Lambda has ${MOST_BYTES} for all of them`);
    }
    return problems.map(problem => ({ logicalId, at: 'Properties.Environment.Variables', problem }));
  });
}

function nameProblems(name: string): string[] {
  return reserved.has(name) ? [`${name} is Lambda's own name: use another`] : [];
}

function valueProblems(name: string, value: unknown, template: Template): string[] {
  const must = (allowed: string) => [`${name} is ${textOf(value)}: it must be ${allowed}`];
  const [pattern, allowed] = addresses[name] ?? [/^/, ''];
  if (!pattern.test(textOf(value))) return must(allowed);
  const [ending, type] = Object.entries(typeByEnding).find(([end]) => name.endsWith(end)) ?? [];
  if (ending === undefined) return [];
  const named = refOf(value) ?? '';
  if (template.Resources[named]?.Type !== type) return must(`the Ref of an ${type}`);
  const isNamesake = ending !== '_TABLE' || isNamedAfter(name.slice(0, -ending.length), named);
  return isNamesake ? [] : must('the table that it is called after');
}

/** `PRICE_LISTS` is `…PriceLists…`: CDK builds a logical id of the construct's path and eight digits of its hash. */
function isNamedAfter(variable: string, logicalId: string): boolean {
  return new RegExp(`${variable.replaceAll('_', '')}(?:Table)?(?:[0-9A-F]{8})?$`, 'i').test(logicalId);
}

/** Resources in a value that no statement of the function's role names. */
function untouchable(value: unknown, handler: string, template: Template): string[] {
  const granted = grantsTo(template, handler).flatMap(({ Resource }) => listOf<unknown>(Resource));
  return [...textOf(value).matchAll(/\$\{(\w+)\}/g)]
    .map(([, logicalId = '']) => logicalId)
    .filter(logicalId => guardedTypes.has(template.Resources[logicalId]?.Type ?? ''))
    .filter(logicalId => !granted.some(resource => refersTo(resource, logicalId)));
}

function bytesOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : Math.min(show(value).length, RESOLVED_BYTES);
}
