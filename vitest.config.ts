import { freemem } from 'node:os';
import { defineConfig } from 'vitest/config';
import { compileCache } from './test/compile-cache.ts';
import { longestFirst } from './test/longest-first.ts';
import { filesToRun } from './test/parts.ts';

/** Workers that keep all they have loaded collect their garbage for a twentieth of their time; where there is room, later. */
const roomyHeap = ['--initial-heap-size=3000', '--min-semi-space-size=64', '--max-semi-space-size=64'];

export default defineConfig({
  test: {
    include: filesToRun(import.meta.dirname, 'unit'),
    globalSetup: ['test/programs-setup.ts'],
    setupFiles: ['test/setup.ts'],
    // One that waits leaves its core to the other; by itself vitest would use one worker on two cores.
    sequence: { sequencer: longestFirst(['sites/kill.test.ts', 'pool-engines.test.ts', 'sites.faults.test.ts']) },
    maxWorkers: 2,
    // A worker keeps what it has loaded: a large part of the processor time went into loading the same for every file.
    // A test that needs a module of its own brings it (`vi.resetModules`), and puts back what it has changed.
    isolate: false,
    execArgv: freemem() > 14 * 1024 ** 3 ? roomyHeap : [],
    // Once more after a failure: two lanes share two cores, and a few tests still look at the clock.
    retry: 1,
    env: compileCache,
    // Guards against hanging only: on a machine that two lanes of tests and a build share, everything takes its time.
    // What is waited for with a poll may take its time too: by itself vitest gives it a second.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
