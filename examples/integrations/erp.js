// What stores ask for, in a queue that the ERP reads at its own pace. Its answer goes back as a `MessagePublished` event,
// with the store as its audience. The local cloud runs this part.
import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { deadLetters } from './dead-letters.js';

export function sendRequestsToErp(stack, outboundBus) {
  const unread = deadLetters(stack, 'ErpDeadLetters');
  const queue = new Queue(stack, 'StockRequests', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    deadLetterQueue: { queue: unread, maxReceiveCount: 5 },
  });
  new Rule(stack, 'RequestsToErp', {
    eventBus: outboundBus,
    eventPattern: {
      source: ['storecast'],
      detailType: ['StoreMessage'],
      detail: { topic: ['stock-request'] },
    },
    targets: [new SqsQueue(queue, { deadLetterQueue: unread })],
  });
  return queue;
}
