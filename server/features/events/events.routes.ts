import type { Permission } from '#shared/access.ts';
import { eventsApi, type PanelEvent } from '#shared/events.ts';
import { can, canSeeJob, canSeeSite, type Actor } from '../../core/actor.ts';
import { route, type App } from '../../core/route.ts';
import { openStream } from '../../core/sse.ts';

/** What a person needs to see each kind of event; null: everybody who is signed in. */
const permissionOf: Record<PanelEvent['type'], Permission | null> = {
  hello: null,
  system: 'system.read',
  site: 'sites.read',
  job: 'jobs.read',
  agent: null,
  resync: null,
};

export function eventsRoutes(app: App): void {
  const { ctx } = app;

  route(app, eventsApi.stream, async ({ query, actor, request, reply }) => {
    const stream = openStream({ ctx, actor, request, reply });
    const send = (event: PanelEvent) => stream.send({ event: event.type, data: event });
    // The id makes the browser say when it comes back.
    stream.send({ event: 'hello', id: '1', data: { type: 'hello', version: ctx.config.version } });
    // Events that came while nobody of this tab listened are lost: whoever comes back reads everything again.
    if (stream.lastEventId !== undefined) send({ type: 'resync' });
    let isSending = false;
    const subscription = ctx.events.subscribe({
      topics: (query.topics ?? '').split(',').filter((topic) => topic !== ''),
      // A change of rights ends the stream: the browser comes back with the new ones.
      isAllowed: (event) => mayHear(actor, event),
      wake() {
        if (isSending) return;
        isSending = true;
        flush().catch((error: unknown) => {
          ctx.log.error({ err: error }, 'events could not be sent');
          stream.close();
        });
      },
    });
    stream.signal.addEventListener('abort', () => subscription.close(), { once: true });
    if (!stream.isOpen) subscription.close();

    async function flush(): Promise<void> {
      for (let events = subscription.take(); events.length > 0; events = subscription.take()) {
        for (const event of events) send(event);
        await stream.drained();
      }
      // In the same turn as the look that found nothing: an event after it wakes us again.
      isSending = false;
    }
  });
}

function mayHear(actor: Actor, event: PanelEvent): boolean {
  const permission = permissionOf[event.type];
  if (permission !== null && !can(actor, permission)) return false;
  if (event.type === 'site') return canSeeSite(actor, event.siteId);
  return event.type !== 'job' || canSeeJob(actor, event.job);
}
