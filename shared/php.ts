import { z } from 'zod';
import { id, type Operation } from './http.ts';
import { phpExtensionState } from './php-extensions.ts';
import { phpVersion } from './site-php.ts';

/** One version of PHP-FPM that is installed or that the distribution has. */
export const phpVersionState = z.object({
  version: z.string(),
  isInstalled: z.boolean(),
  isRunning: z.boolean(),
  /** Sites that need it, also those that are switched off. */
  sites: z.int(),
});
export type PhpVersionState = z.infer<typeof phpVersionState>;

/** What the processes of a site do. */
export const phpPool = z.object({
  active: z.int(),
  idle: z.int(),
  /** Requests that wait for a process. */
  queue: z.int(),
  /** Since the pool was started. */
  accepted: z.int(),
  maxChildrenReached: z.int(),
  slow: z.int(),
});

const siteParams = z.object({ siteId: id });

export const phpApi = {
  pool: {
    id: 'getSitePhpPool',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/php',
    access: 'sites.read',
    summary: "What a site's PHP processes do",
    params: siteParams,
    /** null: they do not answer. */
    response: z.object({ pool: phpPool.nullable() }),
  },
  restart: {
    id: 'restartSitePhp',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/php/restart',
    access: 'sites.write',
    summary: "End a site's PHP processes; new ones begin with the next request",
    params: siteParams,
    response: z.object({ ended: z.int() }),
  },
  versions: {
    id: 'listPhpVersions',
    method: 'GET',
    path: '/api/v1/php/versions',
    access: 'sites.read',
    summary: 'PHP versions that are installed or can be',
    response: z.object({
      /** Newest first. */
      items: z.array(phpVersionState),
    }),
  },
  extensions: {
    id: 'listPhpExtensions',
    method: 'GET',
    path: '/api/v1/php/versions/{version}/extensions',
    access: 'sites.read',
    summary: 'Extensions of a version of PHP that are installed or can be',
    params: z.object({ version: phpVersion }),
    response: z.object({
      /** By name. */
      items: z.array(phpExtensionState),
    }),
  },
} as const satisfies Record<string, Operation>;
