/** The stack's outputs, by name: the stack writes them, and whoever speaks to a deployment reads them. */
import * as v from 'valibot';
import { describeIssues } from './issues.ts';

/** By name: what each output is, for people. */
export const outputDescriptions = {
  StoreEndpoint: 'Where stores connect',
  ManagementUrl: 'The HTTP API of head office, and its page',
  EventBusName: 'Where marketing publishes',
  DeadLetterQueueUrl: 'Events that reached nobody, with the reason',
  RedeliveryQueueUrl: 'Posts that are tried again',
  RedeliveryDeadLetterQueueUrl: 'Posts that were given up',
  TokenKeyId: 'The KMS key that signs tokens',
  Region: 'Where all of it runs',
} as const;

export type OutputName = keyof typeof outputDescriptions;

/** The local cloud adds `AwsEndpointUrl`, by which any SDK speaks to it. */
export type Outputs = Record<OutputName, string> & { AwsEndpointUrl?: string };

/** The outputs are not, or not all, those of a storecast stack. */
export class InvalidOutputsError extends Error {
  override readonly name = 'InvalidOutputsError';
}

const filled = v.pipe(v.string(), v.minLength(1, 'is empty'));
const entries = Object.fromEntries(Object.keys(outputDescriptions).map(name => [name, filled]));
const Outputs = v.object({
  ...(entries as Record<OutputName, typeof filled>),
  AwsEndpointUrl: v.exactOptional(filled),
});

/** Whether it is the outputs of a storecast stack at all, whole or not. */
export function isStorecast(outputs: unknown): boolean {
  return v.is(v.object({ StoreEndpoint: filled, TokenKeyId: filled }), outputs);
}

/** @throws InvalidOutputsError naming the outputs that are missing */
export function readOutputs(outputs: unknown): Outputs {
  const parsed = v.safeParse(Outputs, outputs);
  if (parsed.success) return parsed.output;
  throw new InvalidOutputsError(describeIssues(parsed.issues, 'outputs'));
}
