/** Faults of data, queues, names and of what functions are told. */
import type { Properties } from '../../../lib/checks/template.ts';
import { type Faults, set, setFirst } from './fault.ts';
import { arnOf } from './sound-values.ts';

const variables =
  (values: Properties) =>
  ({ Environment }: Properties) =>
    void Object.assign(Environment.Variables, values);

export const resourceFaults: Faults = {
  'environment-variables': [
    ['a name of Lambda’s own', 'Function', variables({ AWS_REGION: 'eu-central-1' })],
    ['more than 4 KB', 'Function', variables({ LIST: 'x'.repeat(4_093) })],
    ['a table of another name', 'Function', variables({ PRICE_LISTS_TABLE: { Ref: 'Table' } })],
    ['a table’s name that is written out', 'Function', variables({ PRICE_LISTS_TABLE: 'PriceLists' })],
    ['a table’s ARN for its name', 'Function', variables({ PRICE_LISTS_TABLE: arnOf('Table') })],
    ['a topic for a queue', 'Function', variables({ DEAD_LETTER_QUEUE_URL: { Ref: 'Topic' } })],
    [
      'a queue that the role may not send to',
      'Function',
      variables({ DEAD_LETTER_QUEUE_URL: { Ref: 'Queue' } }),
    ],
    [
      'posts by wss',
      'Function',
      ({ Environment: { Variables } }) => (Variables.GATEWAY_ENDPOINT = Variables.STORE_ENDPOINT),
    ],
    ['stores by https', 'Function', variables({ STORE_ENDPOINT: 'https://line.example.com' })],
    [
      'posts to the name that stores connect by',
      'Function',
      variables({ GATEWAY_ENDPOINT: 'https://line.example.com' }),
    ],
  ],
  'failed-events': [
    [
      'a rule’s target without a dead-letter queue',
      'Rule',
      setFirst('Targets', { DeadLetterConfig: undefined }),
    ],
    ['dead letters that go after four days', 'DeadLetters', set({ MessageRetentionPeriod: undefined })],
    ['messages that are seen again while they are in work', 'Queue', set({ VisibilityTimeout: 173 })],
    ['messages that fail by the batch', 'EventSource', set({ FunctionResponseTypes: undefined })],
  ],
  'lasting-data': [
    [
      'a table that is lost when it is replaced',
      'Table',
      (_, resource) => delete resource.UpdateReplacePolicy,
    ],
    ['a kept table that can’t be restored', 'Table', set({ Replicas: [{ Region: 'eu-central-1' }] })],
    [
      'a key that is lost when it is replaced',
      'Key',
      (_, resource) => (resource.UpdateReplacePolicy = 'Delete'),
    ],
    [
      'a replica of an index that the table has not',
      'Table',
      setFirst('Replicas', { GlobalSecondaryIndexes: [{ IndexName: 'byWeek' }] }),
    ],
    ['a table with no replica in its own Region', 'Table', setFirst('Replicas', { Region: 'eu-west-1' })],
    ['a Region twice', 'PriceLists2B0F3A5C', ({ Replicas }) => (Replicas[1].Region = 'eu-central-1')],
  ],
  names: [
    [
      'a queue’s of more than 80 characters',
      'DeadLetters',
      set({ QueueName: `Shop-prod-${'q'.repeat(71)}` }),
    ],
    ['a stage’s with a blank', 'HttpStage', set({ StageName: 'my stage' })],
    ['a table’s with a blank', 'Table', set({ TableName: 'Shop-prod stock' })],
    ['a policy’s of more than 128 characters', 'Policy', set({ PolicyName: 'p'.repeat(129) })],
    ['a bus’s that is the same in every stack', 'Bus', set({ Name: 'prices' })],
    ['a bus’s of another stack', 'Bus', set({ Name: 'Shop-dev-Updates' })],
    ['a bus’s with a slash', 'Bus', set({ Name: 'Shop-prod/Updates' })],
    ['an alarm’s that is the same in every stack', 'Errors', set({ AlarmName: 'Errors' })],
  ],
  queues: [
    [
      'a rule’s dead-letter queue without a policy',
      'Rule',
      properties => {
        properties.Targets[0].DeadLetterConfig.Arn = arnOf('Spare');
      },
    ],
    [
      'a queue as target without a policy',
      'Rule',
      ({ Targets }) => void Targets.push({ ...Targets[0], Id: 'Q', Arn: arnOf('Spare') }),
    ],
    [
      'a bus’s dead-letter queue whose policy lets in a rule alone',
      'Bus',
      set({ DeadLetterConfig: { Arn: arnOf('DeadLetters') } }),
    ],
    [
      'a destination that the role may not send to',
      'InvokeConfig',
      set({ DestinationConfig: { OnFailure: { Destination: arnOf('Spare') } } }),
    ],
    [
      'a function’s dead-letter queue that the role may not send to',
      'Function',
      set({ DeadLetterConfig: { TargetArn: arnOf('Spare') } }),
    ],
  ],
  tags: [
    ['a tag of AWS’s own', 'Bus', set({ Tags: [{ Key: 'aws:team', Value: 'prices' }] })],
    ['a tag of AWS’s own in a map', 'Api', set({ Tags: { 'AWS:team': 'prices' } })],
  ],
};
