import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { type AdjustableClock, createClock } from '../../../local/cloud-clock.ts';
import { awsLimits, type Faults } from '../../../local/cloud-options.ts';
import type { FunctionDefinition } from '../../../local/lambda/function-definition.ts';
import { createLambdaService } from '../../../local/lambda/lambda-service.ts';
import type { Usage } from '../../../local/usage.ts';

export const arnOf = (name: string): string => `arn:aws:lambda:eu-central-1:123456789012:function:${name}`;

/** A function in a directory of its own; `code` is index.js, or `files` are written as they are named. */
export interface TestFunction extends Partial<Omit<FunctionDefinition, 'name' | 'async'>> {
  code?: string;
  files?: Record<string, string>;
  async?: Partial<FunctionDefinition['async']>;
}

export interface Delivered {
  functionArn: string;
  targetArn: string;
  body: string;
  attributes: Record<string, string>;
}

export interface LambdaOptions {
  environmentsPerFunction?: number;
  environmentsAtOnce?: number;
  faults?: Faults;
  database?: DatabaseSync;
  clock?: AdjustableClock;
  usage?: Usage;
  sendToDestination?: (delivered: Delivered) => Promise<void>;
}

/** A service over real worker threads, stopped when the test ends. */
export function createLambda(functions: Record<string, TestFunction>, options: LambdaOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'lambda-'));
  const clock = options.clock ?? createClock();
  const database = options.database ?? new DatabaseSync(':memory:');
  const logged: string[] = [];
  const delivered = createInbox<Delivered>();
  const definitions = Object.entries(functions).map(([name, fn]) => define(directory, name, fn));
  const service = createLambdaService(definitions, {
    clock,
    database,
    limits: {
      ...awsLimits,
      environmentsPerFunction: options.environmentsPerFunction ?? 4,
      environmentsAtOnce: options.environmentsAtOnce ?? awsLimits.environmentsAtOnce,
    },
    faults: options.faults ?? {},
    endpointUrl: () => 'http://127.0.0.1:4566',
    accountId: '123456789012',
    region: 'eu-central-1',
    ...(options.usage ? { usage: options.usage } : {}),
    log: (name, line) => logged.push(`${name}: ${line}`),
    async sendToDestination(functionArn, targetArn, body, attributes) {
      const sent = { functionArn, targetArn, body, attributes };
      await options.sendToDestination?.(sent);
      delivered.push(sent);
    },
  });
  onTestFinished(async () => {
    await service.stop();
    if (!options.database && database.isOpen) database.close();
    rmSync(directory, { recursive: true });
  });
  return { service, clock, database, logged, delivered, directory };
}

function define(directory: string, name: string, fn: TestFunction): FunctionDefinition {
  const { code, files = { 'index.js': code ?? '' }, async, ...overrides } = fn;
  const codeDirectory = join(directory, name);
  mkdirSync(codeDirectory);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(codeDirectory, file), text);
  return {
    arn: arnOf(name),
    name,
    handler: 'index.handler',
    codeDirectory,
    environment: {},
    timeoutSeconds: 10,
    memoryMegabytes: 128,
    logsInvocations: true,
    roleArn: 'arn:aws:iam::123456789012:role/test',
    credentials: { accessKeyId: `key-of-${name}`, secretAccessKey: 'secret', sessionToken: 'token' },
    async: { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600, ...async },
    ...overrides,
  };
}

/** What arrives, in its order; `next` waits for it. */
export function createInbox<T>() {
  const arrived: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  return {
    arrived,
    push(item: T): void {
      const receiver = waiting.shift();
      if (receiver) receiver(item);
      else arrived.push(item);
    },
    next(): Promise<T> {
      const item = arrived.shift();
      return item === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve(item);
    },
  };
}
