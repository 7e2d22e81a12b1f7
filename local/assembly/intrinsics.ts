/** CloudFormation's intrinsic functions, resolved for one stack on one machine. */
import { type Template, UnsupportedTemplateError } from './assembly.ts';
import { type Naming, resourceTypes } from './resource-types.ts';

type Properties = Record<string, unknown>;

export class Resolver {
  readonly #template: Template;
  readonly #naming: Naming;
  readonly #pseudoParameters: Record<string, string>;

  constructor(template: Template, naming: Naming, stackName: string) {
    this.#template = template;
    this.#naming = naming;
    this.#pseudoParameters = {
      'AWS::AccountId': naming.account,
      'AWS::Partition': 'aws',
      'AWS::Region': naming.region,
      'AWS::StackName': stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
  }

  /** A resource's properties with every intrinsic function replaced by its value. */
  properties(logicalId: string): Properties {
    const { Properties = {} } = this.#resource(logicalId);
    return this.resolve(Properties) as Properties;
  }

  /** @throws UnsupportedTemplateError for a function or a reference that has no value here */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(item => this.resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name = '', argument] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::')))
      return this.#call(name, argument);
    return Object.fromEntries(entries.map(([key, item]) => [key, this.resolve(item)]));
  }

  #call(name: string, argument: unknown): unknown {
    if (name === 'Fn::Sub') return this.#substitute(argument);
    if (name === 'Fn::GetAtt') return this.#attribute(argument);
    const value = this.resolve(argument);
    if (name === 'Ref') return this.#reference(String(value));
    if (name === 'Fn::Join' && Array.isArray(value)) return (value[1] as unknown[]).join(String(value[0]));
    if (name === 'Fn::Select' && Array.isArray(value)) return (value[1] as unknown[])[Number(value[0])];
    if (name === 'Fn::Split' && Array.isArray(value)) return String(value[1]).split(String(value[0]));
    throw new UnsupportedTemplateError(`the local cloud can't resolve ${name}`);
  }

  #reference(name: string): string {
    const pseudo = this.#pseudoParameters[name];
    if (pseudo !== undefined) return pseudo;
    const { Type } = this.#resource(name);
    return this.#typeOf(Type).ref(name, this.#propertyOf(name), this.#naming);
  }

  #attribute(argument: unknown): string {
    const [logicalId = '', attribute = ''] =
      typeof argument === 'string' ? argument.split('.') : (argument as [string, string]);
    const { Type } = this.#resource(logicalId);
    const read = this.#typeOf(Type).attributes?.[attribute];
    if (read === undefined) {
      throw new UnsupportedTemplateError(
        `the local cloud has no attribute ${attribute} of ${Type} ${logicalId}`,
      );
    }
    return read(this.#reference(logicalId), this.#propertyOf(logicalId), this.#naming);
  }

  #substitute(argument: unknown): string {
    const [text, values] = Array.isArray(argument)
      ? (argument as [string, Properties])
      : [String(argument), {}];
    return text.replaceAll(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      if (name in values) return String(this.resolve(values[name]));
      return name.includes('.') ? this.#attribute(name) : this.#reference(name);
    });
  }

  #propertyOf(logicalId: string): (name: string) => unknown {
    return name => this.resolve(this.#resource(logicalId).Properties?.[name]);
  }

  #resource(logicalId: string) {
    const resource = this.#template.Resources[logicalId];
    if (resource === undefined)
      throw new UnsupportedTemplateError(`the template has no resource '${logicalId}'`);
    return resource;
  }

  #typeOf(name: string) {
    const type = resourceTypes[name];
    if (type === undefined) throw new UnsupportedTemplateError(`the local cloud can't run the type ${name}`);
    return type;
  }
}
