/** serverless-offline in a directory of its own, gone with it: npm installs it for the run, since nothing else needs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.ts';
import { nodeModules } from '../node-modules.ts';
import { npmInstall } from '../npm-install.ts';

const PACKAGES = ['osls@4.3.1', 'serverless-offline@14.8.2'];
const sample = fileURLToPath(new URL('sample', import.meta.url));

export class Offline {
  readonly #directory = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
  #process: ChildProcess | undefined;

  /** @throws NotInstalledError */
  async install(): Promise<void> {
    await npmInstall(this.#directory, PACKAGES, ['--legacy-peer-deps']);
    const code = join(this.#directory, 'sample');
    cpSync(sample, code, { recursive: true });
    // As Lambda's runtime has the SDK beside the code; the plugin is found a level up.
    mkdirSync(join(code, 'node_modules'));
    symlinkSync(join(nodeModules, '@aws-sdk'), join(code, 'node_modules', '@aws-sdk'));
  }

  /** @returns where to publish and where stores connect */
  async start(tables: string): Promise<{ publish: string; stores: string }> {
    const [http = 0, webSocket = 0, lambda = 0] = await Promise.all([freePort(), freePort(), freePort()]);
    const ports = ['--httpPort', http, '--websocketPort', webSocket, '--lambdaPort', lambda].map(String);
    const serverless = join(this.#directory, 'node_modules/osls/bin/serverless.js');
    const child = spawn(process.execPath, [serverless, 'offline', 'start', ...ports], {
      cwd: join(this.#directory, 'sample'),
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_REGION: 'us-east-1',
        TABLES: tables,
        CONNECTIONS: `http://localhost:${webSocket}`,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr.on('data', piece => {
        said += piece;
        if (said.includes('Server ready')) resolve();
      });
      child.once('exit', code => reject(new Error(`serverless-offline ended with ${code}: ${said}`)));
    });
    return { publish: `http://localhost:${http}/prices`, stores: `ws://localhost:${webSocket}` };
  }

  async stop(): Promise<void> {
    if (this.#process !== undefined && this.#process.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
