/** How the checks read a synthesized template, and what they answer. */

// biome-ignore lint/suspicious/noExplicitAny: JSON of CloudFormation, whose shape differs by resource type
export type Properties = Record<string, any>;

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

/** What a template doesn't say about its stack. */
export interface Deployment {
  readonly stackName: string;
  /** Undefined where the deploy decides: the template then names it by `Ref` alone. */
  readonly region?: string | undefined;
}

/** One thing that AWS would refuse at deploy, or accept without effect. */
export interface Finding {
  readonly logicalId: string;
  /** Where in the resource: `Properties.Targets`. */
  readonly at: string;
  readonly problem: string;
}

export type Check = (template: Template, deployment: Deployment) => Finding[];

/** Resources of these types, each with its properties. */
export function resourcesOf(
  { Resources }: Template,
  ...types: string[]
): { logicalId: string; type: string; properties: Properties; resource: TemplateResource }[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => types.includes(Type))
    .map(([logicalId, resource]) => ({
      logicalId,
      type: resource.Type,
      properties: resource.Properties ?? {},
      resource,
    }));
}

/** The values at a path; `[]` stands for every item: `Targets[].Arn`. Missing ones are left out. */
export function valuesAt(value: unknown, path: string): unknown[] {
  return path.split('.').reduce<unknown[]>(
    (values, part) => {
      const name = part.replace('[]', '');
      const found = values
        .map(parent => (parent as Properties | undefined)?.[name])
        .filter(child => child !== undefined);
      return part.endsWith('[]') ? found.flat() : found;
    },
    [value],
  );
}

/** The resource whose `Ref` this is. */
export function refOf(value: unknown): string | undefined {
  const reference = (value as Properties | null | undefined)?.Ref;
  return typeof reference === 'string' ? reference : undefined;
}

/** The resource and the attribute that this asks for by `Fn::GetAtt`. */
export function attributeOf(value: unknown): { logicalId: string; attribute: string } | undefined {
  const argument = (value as Properties | null | undefined)?.['Fn::GetAtt'];
  if (argument === undefined) return undefined;
  const [logicalId = '', ...rest]: string[] = typeof argument === 'string' ? argument.split('.') : argument;
  return { logicalId, attribute: rest.join('.') };
}

/** A text with its references as `Fn::Sub` writes them: `arn:${AWS::Partition}:…:${Function.Arn}`. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const reference = refOf(value);
  if (reference !== undefined) return `\${${reference}}`;
  const attribute = attributeOf(value);
  if (attribute !== undefined) return `\${${attribute.logicalId}.${attribute.attribute}}`;
  const { 'Fn::Join': join, 'Fn::Sub': text } = (value ?? {}) as Properties;
  if (join !== undefined) return listOf<unknown>(join[1]).map(textOf).join(join[0]);
  return typeof text === 'string' ? text : show(value);
}

/** Whether a text refers to a resource, or to an attribute of it. */
export function refersTo(value: unknown, logicalId: string): boolean {
  const text = textOf(value);
  return text.includes(`\${${logicalId}}`) || text.includes(`\${${logicalId}.`);
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** A value as a sentence can name it. */
export function show(value: unknown): string {
  return JSON.stringify(value);
}
