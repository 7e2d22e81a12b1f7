/** A line whose place a newer one of its store has taken: told so, always, and once the newer one is open. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { shardOf } from '../../lambdas/aws/shard.ts';
import { handler as connect } from '../../lambdas/connect.ts';
import { handler as answerFrame } from '../../lambdas/default.ts';
import { handler as tellLive } from '../../lambdas/live.ts';
import { enterEnvironment, startAws, TABLES } from './aws.ts';
import { captureLog, type TestLine, webSocketEvent } from './events.ts';
import { unique } from './updates.ts';

const SHARDS = 3;
const aws = await startAws();
enterEnvironment(aws, SHARDS);
const logged = captureLog();
afterEach(() => aws.reset());

interface StoreTestLine extends TestLine {
  storeId: string;
}

function storeLine(changes: Partial<StoreTestLine> = {}): StoreTestLine {
  const { storeId = unique('s'), ...line } = changes;
  return {
    storeId,
    identity: { role: 'store', storeId, region: 'north', groups: ['city'] },
    connectionId: unique('c='),
    connectedAt: Date.now() - 1_000,
    ...line,
  };
}

/** A newer line of the same store. */
const newerThan = (line: StoreTestLine): StoreTestLine => ({
  ...line,
  connectionId: unique('c='),
  connectedAt: line.connectedAt + 500,
});

async function frame(line: TestLine, body: object | string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { statusCode, body: answer } = await answerFrame(webSocketEvent(line, { body: text }));
  expect(statusCode).toBe(200);
  return answer === undefined ? undefined : JSON.parse(answer);
}

describe('a line that was replaced', () => {
  const isOf = ({ connectionId }: TestLine) => ({ connectionId });

  /** Both handshakes, and then what the registry's stream tells of them. */
  async function replace(older: StoreTestLine, newer: StoreTestLine): Promise<void> {
    const item = async () => {
      const Key = {
        s: { N: String(shardOf(older.storeId, SHARDS)) },
        m: { S: `store#${older.storeId}` },
      };
      return (await aws.dynamodb.send(new GetItemCommand({ TableName: TABLES.connections, Key }))).Item ?? {};
    };
    await connect(webSocketEvent(older));
    const OldImage = await item();
    await connect(webSocketEvent(newer));
    const NewImage = await item();
    const dynamodb = { Keys: { s: NewImage.s, m: NewImage.m }, OldImage, NewImage };
    const eventSourceARN = `arn:aws:dynamodb:local:1:table/${TABLES.connections}/stream/2000`;
    await tellLive({ Records: [{ eventName: 'MODIFY', eventSourceARN, dynamodb }] } as never);
  }

  const replaced = (by?: string) => ({ type: 'closing', reason: 'replaced', ...(by && { by }) });

  it('is told so and closed', async () => {
    const older = storeLine();
    await replace(older, newerThan(older));
    expect(aws.posts).toEqual([{ ...isOf(older), frame: replaced() }]);
    expect(aws.closed).toEqual([older.connectionId]);
  });

  it('is told the name of the newer one', async () => {
    const older = { ...storeLine(), name: 'till-1' };
    await replace(older, { ...newerThan(older), name: 'till-2' });
    expect(aws.posts).toEqual([{ ...isOf(older), frame: replaced('till-2') }]);
  });

  it('hears it once the newer one is open, and not before', async () => {
    const older = storeLine();
    const newer = newerThan(older);
    const asked: string[] = [];
    aws.statusOf = (connectionId, method) => {
      asked.push(`${method} ${connectionId === newer.connectionId ? 'newer' : 'older'}`);
      return asked.length < 3 ? 410 : 200;
    };
    await replace(older, newer);
    expect(asked).toEqual(['GET newer', 'GET newer', 'GET newer', 'POST older', 'DELETE older']);
  });

  it('hears it once it is open itself: of many handshakes at once none ends without a word', async () => {
    const older = storeLine();
    let posts = 0;
    aws.statusOf = (_, method) => {
      if (method === 'POST') posts += 1;
      return method === 'POST' && posts < 3 ? 410 : 200;
    };
    await replace(older, newerThan(older));
    expect(aws.posts).toEqual([{ ...isOf(older), frame: replaced() }]);
    expect(aws.closed).toEqual([older.connectionId]);
  });

  it('that can not be told stays, and hears it with its next frame', async () => {
    const older = storeLine();
    aws.statusOf = (_, method) => (method === 'POST' ? 500 : 200);
    await replace(older, { ...newerThan(older), name: 'till-2' });
    expect(aws.closed).toEqual([]);
    aws.statusOf = () => 200;
    expect(await frame(older, { action: 'ping' })).toBeUndefined();
    expect(aws.posts).toEqual([{ ...isOf(older), frame: replaced('till-2') }]);
    expect(aws.closed).toEqual([older.connectionId]);
  });

  it('is one of a store with two users, where its young lines keep taking turns', async () => {
    let line = storeLine();
    for (let turn = 0; turn < 5; turn += 1) {
      const next = newerThan(line);
      await replace(line, next);
      line = next;
    }
    const counted = logged.flatMap(text => (text.includes(line.storeId) ? [JSON.parse(text)] : []));
    expect(counted.filter(({ Takeovers }) => Takeovers === 1)).toHaveLength(5);
    expect(counted.filter(({ RepeatedTakeovers }) => RepeatedTakeovers === 1)).toHaveLength(2);
  });
});
