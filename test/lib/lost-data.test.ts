/** What a change would cost in data, held against the baseline. */
import { describe, expect, it } from 'vitest';
import { soundTemplate } from './checks/sound-template.ts';
import type { EditableTemplate } from './checks/sound-values.ts';
import { lostData } from './lost-data.ts';

const damaged = (damage: (resources: EditableTemplate['Resources']) => void) => {
  const template = soundTemplate();
  damage(template.Resources);
  return lostData(soundTemplate(), template).map(({ logicalId, at }) => `${logicalId} ${at}`);
};

it('finds nothing in a template that is as it was, nor in more data than before', () => {
  expect(damaged(() => {})).toEqual([]);
  expect(
    damaged(resources => {
      resources.Second = { Type: 'AWS::SQS::Queue', Properties: {} };
    }),
  ).toEqual([]);
});

describe('a change that loses data', () => {
  it.each<[string, (resources: EditableTemplate['Resources']) => void, string[]]>([
    ['a table that is gone', resources => delete resources.Table, ['Table Resources']],
    [
      'a table under another id',
      resources => {
        Object.assign(resources, { Renamed: resources.Table });
        delete resources.Table;
      },
      ['Table Resources'],
    ],
    [
      'a table with other keys',
      ({ Table }) => Object.assign(Table?.Properties ?? {}, { KeySchema: [] }),
      ['Table Properties.KeySchema'],
    ],
    [
      'a table with another name',
      ({ Table }) => Object.assign(Table?.Properties ?? {}, { TableName: 'other' }),
      ['Table Properties.TableName'],
    ],
    [
      'a table that goes with the stack',
      ({ Table }) => Object.assign(Table ?? {}, { DeletionPolicy: 'Delete' }),
      ['Table DeletionPolicy'],
    ],
    [
      'a table without its protection',
      ({ Table }) => Object.assign(Table?.Properties ?? {}, { Replicas: [{}] }),
      [
        'Table Properties.Replicas[].DeletionProtectionEnabled',
        'Table Properties.Replicas[].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
      ],
    ],
    [
      'a key of another kind',
      ({ Key }) => Object.assign(Key?.Properties ?? {}, { KeySpec: 'RSA_2048' }),
      ['Key Properties.KeySpec'],
    ],
    ['a queue that is gone', resources => delete resources.Queue, ['Queue Resources']],
    [
      'a queue with another name',
      ({ DeadLetters }) => Object.assign(DeadLetters?.Properties ?? {}, { QueueName: 'other' }),
      ['DeadLetters Properties.QueueName'],
    ],
  ])('is found: %s', (_title, damage, found) => {
    expect(damaged(damage)).toEqual(found);
  });
});
