/** The stack's outputs, by name: the stack writes them, and whoever speaks to a deployment reads them. */
import * as v from 'valibot';

/** By name: what each output is, for people. */
export const outputDescriptions = {
  StoreEndpoint: 'Where stores connect',
  ManagementUrl: 'The HTTP API of head office, and its page',
  EventBusName: 'Where marketing publishes',
  OutboundBusName: "Where the chain's other systems hear what happens",
  DeadLetterQueueUrl: 'Events that reached nobody, with the reason',
  RedeliveryQueueUrl: 'Posts that are tried again',
  RedeliveryDeadLetterQueueUrl: 'Posts that were given up',
  OutboundDeadLetterQueueUrl: 'Outbound events that reached nobody, with the reason',
  TokenKeyId: 'The KMS key that signs tokens',
  Region: 'Where all of it runs',
} as const;

/** Those of a deployment with names of its own, besides. */
export const domainOutputDescriptions = {
  StoreDomainTarget: 'Where the CNAME of storeDomainName must point',
  ManagementDomainTarget: 'Where the CNAME of managementDomainName must point',
} as const;

export type OutputName = keyof typeof outputDescriptions;

/** The local cloud adds `AwsEndpointUrl`, by which any SDK speaks to it. */
export type Outputs = Record<OutputName, string> & { AwsEndpointUrl?: string };

/** An output that a stack of this version has is not there. */
export class MissingOutputError extends Error {
  override readonly name = 'MissingOutputError';
  constructor(name: OutputName) {
    super(
      `the outputs have no ${name} (${outputDescriptions[name]}): deploy the stack again, or write them anew`,
    );
  }
}

const filled = v.pipe(v.string(), v.minLength(1));

/** Whether these are the outputs of a storecast stack, of whatever version. */
export function isStorecast(outputs: unknown): outputs is Partial<Outputs> {
  return v.is(v.looseObject({ StoreEndpoint: filled, TokenKeyId: filled }), outputs);
}

/**
 * The outputs as a stack of this version has them. Those of an older stack lack some: each throws a MissingOutputError
 * when it is read, so that whoever needs others goes on.
 */
export function readOutputs(outputs: Partial<Outputs>): Outputs {
  const complete = { ...outputs };
  for (const name of Object.keys(outputDescriptions) as OutputName[]) {
    if (outputs[name]) continue;
    const get = () => {
      throw new MissingOutputError(name);
    };
    Object.defineProperty(complete, name, { get });
  }
  return complete as Outputs;
}
