// The CDK app, as cdk.json starts it, on whatever Node the CDK runs on.
import { launch } from '../launch.mjs';

await launch(import.meta.filename, new URL('./stacks.ts', import.meta.url));
