// Runs one of our TypeScript programs on a Node that can. Plain JavaScript for the oldest Node that finds its way here:
// on Linux npm has installed Node 24 beside storecast, elsewhere the machine's own must do.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const OLDEST = [22, 12];
/** The first that runs TypeScript and SQLite without being asked. */
const UNASKED = [22, 18];
const FLAGS = ['--experimental-strip-types', '--experimental-sqlite'];

/**
 * @param launcher path of the program that was started; another Node is started with the same one
 * @param program URL of the TypeScript module to run
 */
export async function launch(launcher, program) {
  if (isAtLeast(UNASKED) || process.execArgv.includes(FLAGS[0])) {
    silenceExperimentalWarnings();
    await import(program);
  } else {
    runOn(installedNode() ?? (isAtLeast(OLDEST) ? process.execPath : undefined), launcher);
  }
}

function isAtLeast([major, minor]) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/** SQLite and TypeScript are what the supported Nodes are tested for; a newcomer's first line is not about them. */
export function silenceExperimentalWarnings() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (rest[0] !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest);
  };
}

/** Node 24 as the optional dependency brought it, or undefined. */
function installedNode() {
  try {
    return createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function runOn(node, launcher) {
  if (node === undefined) {
    console.error(
      `storecast needs Node ${OLDEST.join('.')} or newer and this is ${process.versions.node}: ` +
        'run npm ci (on Linux it brings a Node of its own), or install a newer one',
    );
    process.exit(1);
  }
  const child = spawn(node, [...FLAGS, launcher, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal signals both of us; whoever signals us alone means the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm passes no signal on through its shell, so a shell that is gone is one.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref();
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}
