/** A worker that dies: its client works up to some call, and never again. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export class CrashError extends Error {
  override readonly name = 'CrashError';
}

export interface CrashingClient {
  client: DynamoDBClient;
  /** Resolves once everything has ended that was under way at the crash. */
  settled(): Promise<void>;
}

/** @param last the call that is done while its caller is not told any more; 0 crashes before the first */
export function crashingClient(endpoint: string, last: number): CrashingClient {
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const underWay = new Set<Promise<unknown>>();
  let calls = 0;
  client.middlewareStack.add(
    next => async args => {
      calls += 1;
      const call = calls;
      if (call > last) throw new CrashError(`before call ${call}`);
      const pending = next(args);
      underWay.add(pending);
      const result = await pending;
      if (calls >= last) throw new CrashError(`after call ${call}`);
      return result;
    },
    { step: 'initialize' },
  );
  const settled = async () => {
    await Promise.allSettled(underWay);
    client.destroy();
  };
  return { client, settled };
}
