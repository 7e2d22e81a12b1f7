// Stores that go off the line, as a request to somebody's HTTPS endpoint: EventBridge signs it with a key from Secrets Manager,
// paces it, and repeats it for a day.
import { SecretValue } from 'aws-cdk-lib';
import {
  Authorization,
  Connection,
  ApiDestination as Endpoint,
  HttpMethod,
  Rule,
} from 'aws-cdk-lib/aws-events';
import { ApiDestination } from 'aws-cdk-lib/aws-events-targets';
import { deadLetters } from './dead-letters.js';

export function sendPresenceToWebhook(stack, outboundBus, url) {
  const connection = new Connection(stack, 'WebhookKey', {
    authorization: Authorization.apiKey('x-api-key', SecretValue.secretsManager('webhook-key')),
  });
  const destination = new Endpoint(stack, 'Webhook', {
    connection,
    endpoint: url,
    httpMethod: HttpMethod.POST,
    rateLimitPerSecond: 10,
  });
  new Rule(stack, 'PresenceToWebhook', {
    eventBus: outboundBus,
    eventPattern: { source: ['storecast'], detailType: ['StoreConnected', 'StoreDisconnected'] },
    targets: [new ApiDestination(destination, { deadLetterQueue: deadLetters(stack, 'WebhookDeadLetters') })],
  });
}
