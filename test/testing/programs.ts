import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const bundled = process.env['AAPANEL_TEST_PROGRAMS'];
const programOf = (area: 'cli' | 'agent'): string =>
  bundled === undefined ? join(root, area, 'main.ts') : join(bundled, area, 'main.js');

/** The command (with the web process) and the agent that tests start: bundled where the run has done so, else sources. */
export const programs = { cli: programOf('cli'), agent: programOf('agent') } as const;
