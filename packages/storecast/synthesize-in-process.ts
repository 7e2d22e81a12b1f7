/**
 * In the npm package, in place of cli/synthesize.ts: `storecast start` runs the construct with its default settings,
 * synthesized here, since a package has neither an app nor the command line of the CDK.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cdk from '../../cdk.json' with { type: 'json' };

/** @returns the cloud assembly's directory, which lives as long as this process */
export async function synthesize(): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), 'storecast-'));
  process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
  // Only here: all other commands do without the CDK, which takes a second to load.
  const { App } = await import('aws-cdk-lib');
  const { StorecastStack } = await import('../../lib/storecast-stack.ts');
  const app = new App({ outdir, context: cdk.context, analyticsReporting: false });
  new StorecastStack(app, 'Storecast');
  app.synth();
  return outdir;
}
