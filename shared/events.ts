import { z } from 'zod';
import { id, type Operation } from './http.ts';
import { job } from './jobs.ts';
import { systemSample } from './system.ts';

/**
 * The panel's event stream, one SSE connection per tab. The SSE event name is `type`.
 * `system` only with `topics=system`; `resync` means events were lost: read everything again.
 */
export const panelEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), version: z.string() }),
  z.object({ type: z.literal('system'), sample: systemSample }),
  z.object({ type: z.literal('site'), siteId: id, change: z.enum(['created', 'updated', 'deleted']) }),
  z.object({ type: z.literal('job'), job }),
  z.object({ type: z.literal('agent'), state: z.enum(['up', 'away']) }),
  z.object({ type: z.literal('resync') }),
]);
export type PanelEvent = z.infer<typeof panelEvent>;

export const eventsApi = {
  stream: {
    id: 'streamEvents',
    method: 'GET',
    path: '/api/v1/events',
    access: 'signedIn',
    summary: 'Live events (server-sent events)',
    query: z.object({
      topics: z
        .string()
        .regex(/^[a-z,]{0,60}$/)
        .optional(),
    }),
    response: panelEvent,
    stream: true,
  },
} as const satisfies Record<string, Operation>;
