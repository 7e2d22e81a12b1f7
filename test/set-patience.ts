/** Every test file's limits follow the machine's pace at its start. */
import { vi } from 'vitest';
import { patience } from './patience.ts';

// What hangs fails all the same.
vi.setConfig({ testTimeout: patience(40_000), hookTimeout: patience(60_000) });
