/** The template with every value resolved: resources by type, each with its `Ref`, its ARN and its properties. */
import type { Assembly } from './assembly.ts';
import { Resolver } from './intrinsics.ts';
import { checkSupported, type Naming, resourceTypes } from './resource-types.ts';

/** A resource's properties: untyped JSON of a template that CloudFormation's own schema has checked at synth. */
// biome-ignore lint/suspicious/noExplicitAny: the shape differs by resource type; the readers below know it
export type ResolvedProperties = Record<string, any>;

export interface ResolvedResource {
  logicalId: string;
  ref: string;
  arn: string;
  properties: ResolvedProperties;
}

export class Stack {
  readonly naming: Naming;
  readonly #assembly: Assembly;
  readonly #resolver: Resolver;

  /** @throws UnsupportedTemplateError if the template asks for what the local cloud hasn't got */
  constructor(assembly: Assembly, naming: Naming) {
    checkSupported(assembly.template);
    this.naming = naming;
    this.#assembly = assembly;
    this.#resolver = new Resolver(assembly.template, naming, assembly.stackName);
  }

  get name(): string {
    return this.#assembly.stackName;
  }

  resources(type: string): ResolvedResource[] {
    return Object.entries(this.#assembly.template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([logicalId]) => ({
        logicalId,
        ref: String(this.#resolver.resolve({ Ref: logicalId })),
        arn: resourceTypes[type]?.attributes?.Arn ? this.attribute(logicalId, 'Arn') : '',
        properties: this.#resolver.properties(logicalId),
      }));
  }

  /** What `Fn::GetAtt` answers. @throws UnsupportedTemplateError if the resource has no such attribute here */
  attribute(logicalId: string, name: string): string {
    return String(this.#resolver.resolve({ 'Fn::GetAtt': [logicalId, name] }));
  }

  assetDirectory(objectKey: string): string {
    return this.#assembly.assetDirectory(objectKey);
  }

  outputs(): Record<string, string> {
    const outputs = Object.entries(this.#assembly.template.Outputs ?? {});
    return Object.fromEntries(
      outputs.map(([name, { Value }]) => [name, String(this.#resolver.resolve(Value))]),
    );
  }
}
