/** The synthesized template as the tests of this folder read it, every value resolved, constructs by their path. */
import { inject } from 'vitest';
import { readAssembly } from '../../local/assembly/assembly.ts';
import type { Naming } from '../../local/assembly/resource-types.ts';
import { type ResolvedResource, Stack } from '../../local/assembly/stack.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';

const naming: Naming = {
  account: ACCOUNT,
  region: REGION,
  endpoint: 'http://127.0.0.1:4566',
  nameOf: logicalId => logicalId,
  randomIdOf: logicalId => logicalId,
};

const synthesis = inject('synthesis');
if (synthesis.exitCode !== 0) throw new Error(`the stack does not synthesize:\n${synthesis.output}`);
const assembly = readAssembly(synthesis.assembly);

/** CloudFormation's own JSON. */
export const rawTemplate = assembly.template as RawTemplate;
export const stack = new Stack(assembly, naming);

/** What of the JSON is not resolved: how a resource is kept, and which construct made it. */
export interface RawTemplate {
  Resources: Record<
    string,
    {
      Type: string;
      Properties: Record<string, unknown>;
      DeletionPolicy?: string;
      UpdateReplacePolicy?: string;
      Metadata: { 'aws:cdk:path': string };
    }
  >;
}

/** A resource by the path of its construct in the stack: `Stores/Connect`. */
export interface NamedResource extends ResolvedResource {
  path: string;
}

const byType = new Map<string, NamedResource[]>();

export function resourcesOf(type: string): NamedResource[] {
  const known = byType.get(type);
  if (known !== undefined) return known;
  const found = stack.resources(type).map(resource => ({ ...resource, path: pathOf(resource.logicalId) }));
  byType.set(type, found);
  return found;
}

/** @throws Error unless there is exactly one */
export function resourceAt(type: string, path: string): NamedResource {
  const [found, ...others] = resourcesOf(type).filter(resource => resource.path === path);
  if (found === undefined || others.length > 0) throw new Error(`the template has no one ${type} at ${path}`);
  return found;
}

function pathOf(logicalId: string): string {
  const path = rawTemplate.Resources[logicalId]?.Metadata['aws:cdk:path'] ?? logicalId;
  return path.replace(/^Storecast\/Default\//, '').replace(/\/Resource$/, '');
}
