/** Finds a function's handler in its code directory, with the errors that Lambda's Node.js 24 runtime gives. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LambdaRuntimeError } from './runtime-errors.ts';

export type Handler = (event: unknown, context: object) => unknown;

/** Loads `handler`, such as `index.handler` or `folder/file.nested.export`, from CommonJS or an ES module. */
export async function loadHandler(codeDirectory: string, handler: string): Promise<Handler> {
  const [, modulePath, exportPath] = /^((?:.*\/)?[^./]+)\.([^/]+)$/.exec(handler) ?? [];
  if (!modulePath || !exportPath || handler.includes('..'))
    throw new LambdaRuntimeError('Runtime.MalformedHandlerName', `Bad handler ${handler}`);
  const loaded = await loadModule(codeDirectory, modulePath);
  const found = find(loaded, exportPath) ?? find(find(loaded, 'default'), exportPath);
  if (found === undefined || found === null)
    throw new LambdaRuntimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof found !== 'function')
    throw new LambdaRuntimeError('Runtime.HandlerNotFound', `${handler} is not a function`);
  refuseCallbackHandler(found);
  return found as Handler;
}

// "Define Lambda function handler in Node.js": the runtime judges by the number of declared parameters alone.
function refuseCallbackHandler(handler: { length: number }): void {
  if (handler.length < 3) return;
  throw new LambdaRuntimeError(
    'Runtime.CallbackHandlerDeprecated',
    'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
  );
}

async function loadModule(codeDirectory: string, modulePath: string): Promise<unknown> {
  const path = join(codeDirectory, modulePath);
  const extension = ['.js', '.mjs', '.cjs'].find(candidate => existsSync(path + candidate)) ?? '';
  try {
    return await load(codeDirectory, path + extension);
  } catch (error) {
    throw importError(error);
  }
}

async function load(codeDirectory: string, file: string): Promise<unknown> {
  if (file.endsWith('.mjs')) return import(pathToFileURL(file).href);
  try {
    return createRequire(join(codeDirectory, 'index.js'))(file);
  } catch (error) {
    // An ES module named .js that awaits at its top level can only be imported.
    if (codeOf(error) === 'ERR_REQUIRE_ASYNC_MODULE') return import(pathToFileURL(file).href);
    throw error;
  }
}

function importError(error: unknown): unknown {
  if (error instanceof SyntaxError) return new LambdaRuntimeError('Runtime.UserCodeSyntaxError', `${error}`);
  if (['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(codeOf(error)))
    return new LambdaRuntimeError('Runtime.ImportModuleError', `${error}`);
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function find(container: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      container,
    );
}
