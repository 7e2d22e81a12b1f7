/** Reads what `cdk synth` wrote: the template and its assets are all that the local cloud knows of a system. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
  Condition?: string;
}

export interface Template {
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown }>;
  Parameters?: Record<string, unknown>;
  Mappings?: Record<string, unknown>;
}

export interface Assembly {
  stackName: string;
  template: Template;
  /** Directory of a file asset by the object key that the template names it with. */
  assetDirectory(objectKey: string): string;
}

/** The template can't be run here: it names a resource, a property or a value that has no local counterpart. */
export class UnsupportedTemplateError extends Error {
  override readonly name = 'UnsupportedTemplateError';
}

interface Manifest {
  artifacts: Record<string, { type: string; properties?: { templateFile?: string; stackName?: string } }>;
}
interface AssetManifest {
  files: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
}

/**
 * @param directory the cloud assembly, `cdk.out`
 * @throws UnsupportedTemplateError unless it holds exactly one stack
 */
export function readAssembly(directory: string): Assembly {
  const manifest = readJson<Manifest>(join(directory, 'manifest.json'));
  const stacks = Object.entries(manifest.artifacts).filter(
    ([, { type }]) => type === 'aws:cloudformation:stack',
  );
  const [stack] = stacks;
  if (stack === undefined || stacks.length > 1) {
    const names = stacks.map(([name]) => name).join(', ') || 'none';
    throw new UnsupportedTemplateError(`the local cloud runs one stack; ${directory} holds ${names}`);
  }
  const [artifactId, { properties = {} }] = stack;
  const templateFile = properties.templateFile ?? `${artifactId}.template.json`;
  const assets = assetPaths(readJson<AssetManifest>(join(directory, `${artifactId}.assets.json`)));
  return {
    stackName: properties.stackName ?? artifactId,
    template: readJson<Template>(join(directory, templateFile)),
    assetDirectory(objectKey) {
      const path = assets.get(objectKey);
      if (path === undefined)
        throw new UnsupportedTemplateError(`the assembly holds no asset '${objectKey}'`);
      // Absolute: a thread requires the function's code by it.
      return resolve(directory, path);
    },
  };
}

function assetPaths({ files }: AssetManifest): Map<string, string> {
  const paths = new Map<string, string>();
  for (const { source, destinations } of Object.values(files)) {
    for (const { objectKey } of Object.values(destinations)) {
      if (source.path !== undefined) paths.set(objectKey, source.path);
    }
  }
  return paths;
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
