/** Who is compared, by the name that the table has for it, and what each needs that the project doesn't bring. */
import { spawnSync } from 'node:child_process';
import { synthesize } from '../../cli/synthesize.ts';
import { NotInstalledError, npmInstall } from '../npm-install.ts';
import { findProgram } from './peers/server-process.ts';
import type { PeerName } from './trial-process.ts';

export const OURS = 'storecast';

export interface Candidate {
  peer: PeerName;
  /** Without its server's version where that is the machine's: `prepare` tells it. */
  name: string;
  /** @param packages a folder @throws NotInstalledError */
  prepare: (packages: string) => Promise<Prepared>;
}

export interface Prepared {
  variant: string;
  /** What the peer is given besides its folders: an assembly, or the path of a program. */
  own: string;
}

export const candidates: readonly Candidate[] = [
  { peer: 'storecast', name: OURS, prepare: async () => ({ variant: OURS, own: await synthesize() }) },
  fromNpm('socket-io', 'Socket.IO 4.8.4, connection state recovery'),
  fromNpm('socket-io-log', 'Socket.IO 4.8.4, and the log of its tutorial'),
  fromDebian(
    'nats',
    'NATS JetStream',
    'nats-server',
    ['--version'],
    ['@nats-io/nats-core@3.4.0', '@nats-io/jetstream@3.4.0'],
  ),
  fromDebian('mosquitto', 'Mosquitto', 'mosquitto', ['-h'], ['mqtt@5.16.0']),
];

function fromNpm(peer: PeerName, name: string): Candidate {
  return {
    peer,
    name,
    async prepare(packages) {
      await npmInstall(packages, ['socket.io@4.8.4', 'socket.io-client@4.8.4']);
      return { variant: name, own: '' };
    },
  };
}

/** @param askVersion makes the program say its version, in its first line */
function fromDebian(
  peer: PeerName,
  name: string,
  program: string,
  askVersion: readonly string[],
  clients: readonly string[],
): Candidate {
  return {
    peer,
    name,
    async prepare(packages) {
      const own = findProgram(program);
      if (own === undefined) throw new NotInstalledError(`apt-get install ${program}`);
      await npmInstall(packages, clients);
      return { variant: `${name} ${versionOf(own, askVersion)}`, own };
    },
  };
}

/** Its exit code says nothing: Mosquitto's help ends with 3. */
function versionOf(program: string, args: readonly string[]): string {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? '';
}
