#!/usr/bin/env node
/** The command `storecast` as the package has it: JavaScript, on the Node that it is started with. */
import { silenceExperimentalWarnings } from '../../launch.mjs';

// The local cloud, and the command with it, keeps its queues in SQLite.
if (process.getBuiltinModule?.('node:sqlite') === undefined) {
  console.error(`storecast: the command needs Node 22.13 or newer and this is ${process.version}`);
  process.exitCode = 1;
} else {
  silenceExperimentalWarnings();
  await import('../../cli/main.ts');
}
