/** The members of shards, in the order of their keys, read side by side. */
import type { Item } from '../aws/codecs.ts';
import { type Expression, expression, type Path } from '../aws/expression.ts';
import type { Table } from '../aws/table.ts';
import type { Checkpoint } from './checkpoint.ts';
import { connection, LAST_STORE } from './connection-items.ts';
import { sideBySide } from './side-by-side.ts';

export interface ShardPage {
  shard: number;
  items: Item[];
}

const { member, shard: key } = connection.attributes;

/**
 * Pages of stores in the order in which they arrive.
 *
 * @param from the shards to read, and the member of each to begin behind
 * @param end the last member of each shard to read @default the last one there is
 */
export function shardPages(
  table: Table<typeof connection>,
  attributes: readonly Path[],
  from: Checkpoint,
  end: Checkpoint = {},
): AsyncGenerator<ShardPage> {
  return sideBySide(
    Object.entries(from).map(([shard, behind]) =>
      pagesOf(table, attributes, Number(shard), behind, end[shard] ?? LAST_STORE),
    ),
  );
}

async function* pagesOf(
  table: Table<typeof connection>,
  attributes: readonly Path[],
  shard: number,
  behind: string,
  end: string,
): AsyncGenerator<ShardPage> {
  for await (const items of table.query({ where: isBetween(shard, behind, end), attributes })) {
    const [first] = items;
    const isBehind = first === undefined || member.of(first) !== behind;
    yield { shard, items: isBehind ? items : items.slice(1) };
  }
}

/** The members of a shard from one to another, both included. */
export function isBetween(shard: number, first: string, last: string): Expression {
  return expression`${key.is(shard)} AND ${member} BETWEEN ${member.value(first)} AND ${member.value(last)}`;
}
