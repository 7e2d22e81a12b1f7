/** What triggers the handlers, as the services word it, and what a test watches of them. */
import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, vi } from 'vitest';
import { type Identity, toAuthorizerContext } from '../../domain/identity/identity.ts';
import { mintToken } from '../../domain/identity/mint-token.ts';
import { kmsSigner } from '../../lambdas/identity/token-signer.ts';
import { lineContext, type WebSocketEvent } from '../../lambdas/registry/line-of-event.ts';
import { type Aws, KEY_ID } from './aws.ts';

export interface TestLine {
  identity: Identity;
  connectionId: string;
  connectedAt: number;
  /** What the line calls itself. */
  name?: string;
}

export function webSocketEvent(
  { identity, connectionId, connectedAt, name }: TestLine,
  more: Pick<WebSocketEvent, 'body' | 'headers'> = {},
): WebSocketEvent {
  const authorizer = { principalId: 'someone', ...toAuthorizerContext(identity), ...lineContext(name) };
  return { ...more, requestContext: { connectionId, connectedAt, authorizer } };
}

/** A Lambda's context: the time that is left, and the invocation, which its retries share. */
export function contextWith(remainingMs: number, awsRequestId: string = randomUUID()): Context {
  return { getRemainingTimeInMillis: () => remainingMs, awsRequestId, memoryLimitInMB: '1769' } as Context;
}

export function tokenOf(aws: Aws, identity: Identity, lifetimeSeconds = 3_600): Promise<string> {
  return mintToken(identity, KEY_ID, kmsSigner(aws.kms, KEY_ID), Date.now() / 1_000, lifetimeSeconds);
}

/** Keeps the handlers' log lines from the report of the tests, and for them. */
export function captureLog(): string[] {
  const lines: string[] = [];
  beforeAll(() => {
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation(text => lines.push(String(text)) > 0);
    afterAll(() => spy.mockRestore());
  });
  return lines;
}
