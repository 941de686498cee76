import { z } from 'zod';
import { phpExtensionState } from '../php-extensions.ts';
import { phpPool, phpVersionState } from '../php.ts';
import { phpVersion } from '../site-php.ts';
import type { AgentAction } from './action.ts';
import { siteSpec } from './sites.ts';

const site = siteSpec.pick({ siteId: true, slug: true });

export const phpPoolAction = {
  name: 'php.pool',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ site }),
  /** null: it does not answer. */
  result: z.object({ pool: phpPool.nullable() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 6_000,
  maxResultBytes: 4 * 1024,
  summary: "Figures of a site's PHP pool",
} as const satisfies AgentAction;

/** FPM starts new ones by itself. */
export const phpRestartPool = {
  name: 'php.restart_pool',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ site }),
  result: z.object({ ended: z.int() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024,
  summary: "End the processes of a site's PHP pool, also ones that hang",
} as const satisfies AgentAction;

export const phpVersions = {
  name: 'php.versions',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    /** Newest first. */
    items: z.array(phpVersionState),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 16 * 1024,
  summary: 'Versions of PHP-FPM: which are there, run, are needed, or could be installed',
} as const satisfies AgentAction;

export const phpExtensionsAction = {
  name: 'php.extensions',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ version: phpVersion }),
  result: z.object({
    /** By name. */
    items: z.array(phpExtensionState),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 16 * 1024,
  summary: 'Extensions of a version of PHP: which are installed, or could be',
} as const satisfies AgentAction;
