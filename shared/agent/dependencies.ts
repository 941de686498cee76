import { z } from 'zod';
import { dependencyRun, dependencyWork, siteProject } from '../dependencies.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';
import { slug } from './slug.ts';

const site = z.strictObject({ siteId: id, slug });
const runRef = z.strictObject({ site, runId: id });

export const dependenciesCancel = {
  name: 'dependencies.cancel',
  permission: 'sites.write',
  ticket: 'never',
  params: runRef,
  result: z.object({ run: dependencyRun.nullable() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 16 * 1024,
  summary: "Stop what installs packages of a site's project",
} as const satisfies AgentAction;

export const dependenciesFollow = {
  name: 'dependencies.follow',
  permission: 'sites.read',
  ticket: 'never',
  params: runRef.extend({ offset: z.int().min(0) }),
  result: z.object({
    run: dependencyRun.nullable(),
    /** Its process ended without a word. */
    isInterrupted: z.boolean(),
    text: z.string(),
    nextOffset: z.int(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 512 * 1024,
  summary: "Log of what installs packages of a site's project, on from an offset",
} as const satisfies AgentAction;

export const dependenciesProject = {
  name: 'dependencies.project',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ site }),
  result: siteProject,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: "What the files of a site's project ask for",
} as const satisfies AgentAction;

/** The same id finds the run again, and takes it up when its process died. */
export const dependenciesStart = {
  name: 'dependencies.start',
  permission: 'sites.write',
  ticket: 'never',
  params: runRef.extend({ work: dependencyWork }),
  result: dependencyRun,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 16 * 1024,
  summary: "Install packages of a site's project as its own user, in a process of its own",
} as const satisfies AgentAction;
