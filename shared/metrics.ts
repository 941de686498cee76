import { z } from 'zod';
import { instant, type Operation } from './http.ts';

/** What is answered to `Accept: application/json`. `null`: not known. */
export const panelMetrics = z.object({
  uptime_seconds: z.number(),
  timestamp: instant,
  system: z.object({
    /** Since the scrape before. */
    cpu_percent: z.number().nullable(),
    memory_percent: z.number().nullable(),
    disk_percent: z.number().nullable(),
  }),
  database: z.object({
    connections_created: z.int(),
    connections_closed: z.int(),
    total_queries: z.int(),
    failed_queries: z.int(),
    /** Per cent. */
    success_rate: z.number(),
    status: z.enum(['up', 'down']),
  }),
  /** No part of this version. */
  redis: z.object({ status: z.enum(['up', 'down', 'skipped']) }),
});
export type PanelMetrics = z.infer<typeof panelMetrics>;

const common = {
  method: 'GET',
  access: 'system.read',
  textType: 'text/plain; version=0.0.4; charset=utf-8',
  response: panelMetrics,
} as const;

/** Families of the backups are answered only with `backups.read`. */
export const metricsApi = {
  read: { ...common, id: 'getMetrics', path: '/metrics', summary: 'Metrics for Prometheus; JSON on request' },
  readBesideHealth: {
    ...common,
    id: 'getHealthMetrics',
    path: '/health/metrics',
    summary: 'The same metrics, beside the probes',
  },
} as const satisfies Record<string, Operation>;
