/** `node bundle-program.ts DIRECTORY lean|whole`: what bundles.ts starts. */
import { bundleHandlers, type SdkBundling } from './bundle-handlers.ts';

const [directory = '', sdk] = process.argv.slice(2);
await bundleHandlers(directory, sdk as SdkBundling);
