/** The example of a till in Python keeps every rule, where the machine has what it needs. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { judge } from '../../conformance/judge.ts';
import { rules } from '../../conformance/rules.ts';
import { patience } from '../patience.ts';

const till = join(import.meta.dirname, '..', '..', 'examples', 'till-python', 'till.py');
/** Another one than the first in the PATH, such as that of a virtual environment. */
const python = process.env.STORECAST_PYTHON ?? 'python3';
const needed = 'import sqlite3, zoneinfo, websockets; assert int(websockets.__version__.split(".")[0]) >= 15';
const isThere = spawnSync(python, ['-c', needed]).status === 0;

if (isThere) {
  it('keeps every rule', { timeout: 900_000 }, async () => {
    const findings = await judge({
      rules,
      command: () => [python, till],
      atOnce: 16,
      patience: patience(1),
    });
    expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
  });
} else {
  it(`is not tried: ${python} is not there, or has no package websockets from 15 on`, () => {
    expect(isThere).toBe(false);
  });
}
