/**
 * An esbuild plugin that leaves out of a bundle what no handler uses of the SDK, and what hides from esbuild that a
 * handler doesn't use it. A file of the SDK that is no longer as its change here expects it fails the build.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const core = '@smithy/core/dist-es/submodules';
const client = '@aws-sdk/client-[a-z]+';

/** What each of these files of the SDK becomes. */
const changes: Record<string, (source: string) => string> = {
  [`${client}/dist-es/schemas/schemas_0.js`]: source => withLiteralKeys(withoutRegistrations(source)),
  [`${client}/dist-es/models/errors.js`]: registeredWhereUsed,
  [`${client}/package.json`]: source => `export default { version: '${JSON.parse(source).version}' };`,
  '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js': withoutRegions,
  '@aws-sdk/credential-provider-node/dist-es/index.js': standIn('environment-credentials'),
  '@aws-sdk/middleware-endpoint-discovery/dist-es/index.js': standIn('no-endpoint-discovery'),
  '@smithy/signature-v4/dist-es/HeaderFormatter.js': standIn('no-event-streams'),
  [`${core}/checksum/index.js`]: standIn('node-checksum'),
  [`${core}/config/config-resolver/regionConfig/getInstanceMetadataRegion.js`]: standIn('environment-alone'),
  [`${core}/config/shared-ini-file-loader/loadSharedConfigFiles.js`]: standIn('environment-alone'),
  [`${core}/endpoints/middleware-endpoint/service-customizations/index.js`]: standIn('left-out'),
  [`${core}/event-streams/index.js`]: standIn('no-event-streams'),
  [`${core}/retry/util-retry/AdaptiveRetryStrategy.js`]: standIn('left-out'),
  [`${core}/serde/date-utils.js`]: standIn('node-dates'),
  [`${core}/serde/schema-serde-lib/schema-date-utils.js`]: standIn('node-dates'),
  [`${core}/serde/util-stream/sdk-stream-mixin.js`]: standIn('left-out'),
};

export const bundledSdk: Plugin = {
  name: 'bundled-sdk',
  setup(build) {
    for (const [file, change] of Object.entries(changes)) {
      const filter = new RegExp(
        `/node_modules/${file}$`.replaceAll('/', '[\\\\/]').replaceAll('.js', '\\.js'),
      );
      build.onLoad({ filter }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const contents = change(source);
        if (contents === source) throw new Error(`nothing to leave out of ${path}: has the SDK changed?`);
        return { contents };
      });
    }
  },
};

function standIn(name: string): () => string {
  const file = join(import.meta.dirname, '..', 'lambdas', 'shared', 'sdk', `${name}.ts`);
  return () => `export * from ${JSON.stringify(file)};`;
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
  return `
    import { TypeRegistry } from '@smithy/core/schema';
    import * as schemas from '../schemas/schemas_0';
    const registered = (schema, Exception) => {
      TypeRegistry.for(schema[1]).registerError(schema, Exception);
      return Exception;
    };
    ${classes}`;
}

/** A Region's name shows its partition, and so the list of all Regions only adds what they are called. */
function withoutRegions(source: string): string {
  return source.replace(/("regions": \{).*?^( {12}\})/gms, '$1$2');
}
