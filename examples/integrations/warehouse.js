// Every sale in the chain's data lake: a rule to Firehose, which writes files of many events to S3.
import { Duration, Size } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { FirehoseDeliveryStream } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Compression, DeliveryStream, S3Bucket } from 'aws-cdk-lib/aws-kinesisfirehose';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import { deadLetters } from './dead-letters.js';

export function sendSalesToWarehouse(stack, outboundBus) {
  const bucket = new Bucket(stack, 'Sales', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
  });
  const stream = new DeliveryStream(stack, 'SalesToBucket', {
    destination: new S3Bucket(bucket, {
      dataOutputPrefix: 'sales/!{timestamp:yyyy/MM/dd/HH}/',
      errorOutputPrefix: 'failed/!{firehose:error-output-type}/',
      bufferingInterval: Duration.minutes(5),
      bufferingSize: Size.mebibytes(64),
      compression: Compression.GZIP,
    }),
  });
  const rule = new Rule(stack, 'SalesToWarehouse', {
    eventBus: outboundBus,
    eventPattern: { source: ['storecast'], detailType: ['SalesRecorded'] },
    targets: [new FirehoseDeliveryStream(stream)],
  });
  // CDK's target for Firehose takes no dead-letter queue.
  const queue = deadLetters(stack, 'WarehouseDeadLetters');
  rule.node.defaultChild.addPropertyOverride('Targets.0.DeadLetterConfig', { Arn: queue.queueArn });
  queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
    }),
  );
  return bucket;
}
