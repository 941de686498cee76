import { z } from 'zod';
import type { Operation } from './http.ts';

/** Bounds of each, as the browser checks them too. */
export const nginxLimits = {
  workers: { least: 1, most: 256 },
  connections: { least: 64, most: 65_535 },
  keepaliveSeconds: { least: 0, most: 3_600 },
  bodyMib: { least: 1, most: 102_400 },
  gzipLevel: { least: 1, most: 9 },
} as const;

const within = ({ least, most }: { readonly least: number; readonly most: number }) => z.int().min(least).max(most);

/** What holds for all of nginx, sites that say nothing else themselves included. */
export const nginxSettings = z.strictObject({
  /** Processes; null: one for each core. */
  workers: within(nginxLimits.workers).nullable(),
  /** Connections of each process. */
  connections: within(nginxLimits.connections),
  /** How long a connection stays open for the next request; 0: not at all. */
  keepaliveSeconds: within(nginxLimits.keepaliveSeconds),
  /** Largest body of a request, such as an upload. */
  bodyMib: within(nginxLimits.bodyMib),
  gzip: z.boolean(),
  gzipLevel: within(nginxLimits.gzipLevel),
  /** The version is not told to visitors. */
  hidesVersion: z.boolean(),
});
export type NginxSettings = z.infer<typeof nginxSettings>;

const base = '/api/v1/nginx/settings' as const;
export const nginxSettingsApi = {
  get: {
    id: 'getNginxSettings',
    method: 'GET',
    path: base,
    access: 'services.read',
    summary: 'What holds for all of nginx',
    response: nginxSettings,
  },
  put: {
    id: 'putNginxSettings',
    method: 'PUT',
    path: base,
    access: 'services.write',
    summary: 'Change what holds for all of nginx',
    body: nginxSettings,
    response: nginxSettings,
  },
} as const satisfies Record<string, Operation>;
