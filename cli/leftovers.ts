/** Temporary folders are removed when their process ends, but not when it is killed: the next one removes those. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that lives as long as this process; its name says whose it is. */
export function temporaryFolder(purpose: string): string {
  removeLeftovers(purpose);
  const directory = mkdtempSync(join(tmpdir(), `${purpose}-${process.pid}-`));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function removeLeftovers(purpose: string): void {
  const pattern = new RegExp(`^${purpose}-(\\d+)-\\w{6}$`);
  for (const name of readdirSync(tmpdir())) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's: it is theirs to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
