#!/usr/bin/env node
// Starts the command line on a Node that can run it. Plain JavaScript for the oldest Node that finds its way here:
// on Linux npm has installed Node 24 beside storecast, elsewhere the machine's own must do.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const OLDEST = [22, 12];
/** Node runs TypeScript itself; older 22s want to be asked, for that and for SQLite. */
const FLAGS = [
  '--experimental-strip-types',
  '--experimental-sqlite',
  '--disable-warning=ExperimentalWarning',
];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isRecent = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
const isReady = isRecent && process.features.typescript && process.execArgv.includes(FLAGS.at(-1));

if (isReady) await import('./main.ts');
else
  runOn(
    isRecent && major >= 24
      ? process.execPath
      : (installedNode() ?? (isRecent ? process.execPath : undefined)),
  );

/** Node 24 as the optional dependency brought it, or undefined. */
function installedNode() {
  try {
    return createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function runOn(node) {
  if (node === undefined) {
    console.error(
      `storecast needs Node ${OLDEST.join('.')} or newer and this is ${process.versions.node}: ` +
        'run npm ci (on Linux it brings a Node of its own), or install a newer one',
    );
    process.exit(1);
  }
  const child = spawn(node, [...FLAGS, import.meta.filename, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal signals both of us; whoever signals us alone means the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}
