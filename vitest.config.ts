import { configDefaults, defineConfig } from 'vitest/config';
import { LongFirst } from './test/long-first.ts';
import { PlainSummary } from './test/plain-summary.ts';

/** Tests that take the synthesized stack (`inject('synthesis')`): only they wait the seconds that it takes. */
const onTheStack = [
  'test/{chaos,contract,fleet,lib,page/browser}/**/*.test.ts',
  'test/local/local-cloud*.test.ts',
  'test/cli/{bill,commands,dead-letters,doctor,evidence,messages,walk}.test.ts',
];

/** What runs in browsers alone is tested there (test/page/browser), where nobody counts lines. */
const forBrowsers = [
  'client/browser.ts',
  'client/sales/{database,indexed-db}-outbox.ts',
  'client/sales/indexed-db-messages.ts',
  'client/storage/{indexed-db,indexed-db-storage,web-lock}.ts',
];

export default defineConfig({
  test: {
    // A process for each file: handlers and the local cloud read the environment and open ports.
    pool: 'forks',
    // More than the two cores that most machines of CI have: many files wait for most of their time.
    maxWorkers: 4,
    sequence: { sequencer: LongFirst },
    reporters: ['default', new PlainSummary()],
    coverage: {
      provider: 'v8',
      include: ['domain/**', 'lambdas/**', 'client/**'],
      exclude: forBrowsers,
      reporter: ['text-summary'],
      // The floor of the unit tests: below it a run fails, though all of them pass.
      thresholds: { 'domain/**': { lines: 95 }, 'lambdas/**': { lines: 95 }, 'client/**': { lines: 95 } },
    },
    setupFiles: ['test/set-patience.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...onTheStack],
        },
      },
      {
        extends: true,
        test: { name: 'stack', include: onTheStack, globalSetup: ['test/global-setup.ts'] },
      },
    ],
  },
});
