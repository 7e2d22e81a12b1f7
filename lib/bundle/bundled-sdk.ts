/**
 * An esbuild plugin that leaves out of a bundle what no handler uses of the SDK, and what hides from esbuild that a
 * handler doesn't use it. A file of the SDK that is no longer as its change here expects it fails the build.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OnLoadOptions, Plugin } from 'esbuild';

const standInDirectory = join(import.meta.dirname, 'sdk');
const core = '@smithy/core/dist-es/submodules';
const client = '@aws-sdk/client-[a-z]+';

/** What takes the place of a file of the SDK. */
const standIns: Record<string, string> = {
  '@aws-sdk/credential-provider-node/dist-es/index.js': 'environment-credentials.ts',
  '@aws-sdk/middleware-endpoint-discovery/dist-es/index.js': 'no-endpoint-discovery.ts',
  '@smithy/signature-v4/dist-es/HeaderFormatter.js': 'no-event-streams.ts',
  [`${core}/checksum/index.js`]: 'node-checksum.ts',
  [`${core}/config/config-resolver/regionConfig/getInstanceMetadataRegion.js`]: 'environment-alone.ts',
  [`${core}/config/shared-ini-file-loader/loadSharedConfigFiles.js`]: 'environment-alone.ts',
  [`${core}/endpoints/middleware-endpoint/service-customizations/index.js`]: 'left-out.ts',
  [`${core}/event-streams/index.js`]: 'no-event-streams.ts',
  [`${core}/retry/util-retry/AdaptiveRetryStrategy.js`]: 'left-out.ts',
  [`${core}/serde/date-utils.js`]: 'node-dates.ts',
  [`${core}/serde/schema-serde-lib/schema-date-utils.js`]: 'node-dates.ts',
  [`${core}/serde/util-stream/sdk-stream-mixin.js`]: 'left-out.ts',
};

/** What a file of the SDK becomes. */
const changes: Record<string, (source: string) => string> = {
  [`${client}/dist-es/schemas/schemas_0.js`]: source => withLiteralKeys(withoutRegistrations(source)),
  [`${client}/dist-es/models/errors.js`]: registeredWhereUsed,
  [`${client}/package.json`]: source => `export default { version: '${JSON.parse(source).version}' };`,
  '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js': withoutRegions,
};

export const bundledSdk: Plugin = {
  name: 'bundled-sdk',
  setup(build) {
    for (const [file, standIn] of Object.entries(standIns)) {
      // Its text, and no `export *` of it: of a module that another loads by `import()` esbuild would lose the start.
      const contents = readFileSync(join(standInDirectory, standIn));
      build.onLoad(fileOf(file), () => ({ contents, loader: 'ts', resolveDir: standInDirectory }));
    }
    for (const [file, change] of Object.entries(changes)) {
      build.onLoad(fileOf(file), ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const contents = change(source);
        if (contents === source) throw new Error(`nothing to leave out of ${path}: has the SDK changed?`);
        return { contents };
      });
    }
  },
};

function fileOf(file: string): OnLoadOptions {
  return { filter: new RegExp(`/node_modules/${file}$`.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]')) };
}

/**
 * Constants as the keys of an object keep esbuild from dropping it, since a key that is no literal may be an object whose
 * `toString` does something: every operation would stay, and with it all that it names.
 */
function withLiteralKeys(source: string): string {
  const constants = new Map(
    [...source.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
  return source.replace(/\[(\w+)\]:/g, (key, name) =>
    constants.has(name) ? `${constants.get(name)}:` : key,
  );
}

/** A client registers the class of every error that its service knows, and so would need all of them. */
function withoutRegistrations(source: string): string {
  return source.replace(
    /^(?:import .* from "\.\.\/models\/errors"|n0_registry\.registerError\(.*\));$/gm,
    '',
  );
}

/**
 * Instead, an error registers itself if its class is used: others come as the service's general exception, under their
 * own name. One that is retried because its class says so is always registered.
 */
function registeredWhereUsed(source: string): string {
  const classes = source.replace(
    /^export class (\w+) (extends \w+ \{\n.*?^\})$/gms,
    (_, name: string, definition: string) => {
      const purity = definition.includes('$retryable') ? '' : '/* @__PURE__ */ ';
      return `export const ${name} = ${purity}registered(schemas.${name}$, class ${name} ${definition});`;
    },
  );
  if (classes === source) return source;
  return [
    "import { TypeRegistry } from '@smithy/core/schema';",
    "import * as schemas from '../schemas/schemas_0';",
    'const registered = (schema, Exception) => {',
    '  TypeRegistry.for(schema[1]).registerError(schema, Exception);',
    '  return Exception;',
    '};',
    classes,
  ].join('\n');
}

/** A Region's name shows its partition, and so the list of all Regions only adds what they are called. */
function withoutRegions(source: string): string {
  return source.replace(/("regions": \{).*?^( {12}\})/gms, '$1$2');
}
