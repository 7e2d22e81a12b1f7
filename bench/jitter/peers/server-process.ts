/** Servers as processes of their own: of the machine's packages, or parts of this benchmark. None outlives this process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { startPart } from '../../processes.ts';
import type { Server } from './peer.ts';

const STARTING_MS = 30_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Where Debian has servers is in no user's PATH. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** @returns the path of a program, or undefined if the machine has none of that name */
export function findProgram(name: string): string | undefined {
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once it listens. @throws Error with what it said, if it ends before */
export async function startProgram(program: string, args: readonly string[], port: number): Promise<Server> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  const listen = (piece: Buffer) => {
    said = `${said}${piece}`.slice(-2_000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const exited = once(child, 'exit').then(() => running.delete(child));
  const giveUpAt = Date.now() + STARTING_MS;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || Date.now() > giveUpAt)
      throw new Error(`${program} doesn't listen: ${said}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return {
    port,
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A part that answers its port, once it listens. */
export async function startServerPart(module: URL, args: string[]): Promise<Server> {
  const part = startPart(module, { args });
  const port = (await part.ask('port')) as number;
  return { port, pid: part.pid ?? 0, kill: () => part.kill() };
}

function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
