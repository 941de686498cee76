import { AppError } from '#shared/errors.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../core/id.ts';
import { findSite } from '../sites/sites.logic.ts';
import { enqueue, isDeploying } from './deployments.logic.ts';
import {
  deleteHook,
  findHook,
  listWaiting,
  noteCall,
  noteWaiting,
  takeWaiting,
  type HookRow,
} from './deployments.store.ts';
import { isSigned, pushedRefs, type PushHeaders } from './hooks.signature.ts';

/** Who is said to have asked, when a push did. */
export const hookActor = { id: 'webhook', name: 'webhook' };

/** One answer to everybody who has no business here: nothing says whether there is such an address. */
export function noSuchHook(): AppError {
  return new AppError('not_found', 'There is nothing at this address.');
}

export type PushOutcome = 'started' | 'waiting' | 'ignored';

/** A call with a right signature. Whatever it says, it can only have the configured branch deployed once more. */
export async function receivePush(
  ctx: Context,
  row: HookRow,
  { headers, body }: { readonly headers: PushHeaders; readonly body: Buffer },
): Promise<PushOutcome> {
  const site = await findSite(ctx, row.site_id);
  if (site === undefined) {
    await deleteHook(ctx.db, row.site_id);
    throw noSuchHook();
  }
  await noteCall(ctx.db, row.id, ctx.clock.now());
  const source = site.deploy?.source ?? null;
  const type = headers['content-type'];
  const pushed = pushedRefs(typeof type === 'string' ? type : undefined, body);
  if (source === null || !pushed.some(({ kind, name }) => kind === source.ref.kind && name === source.ref.name))
    return 'ignored';
  await noteWaiting(ctx.db, site.id, ctx.clock.now());
  return (await startWaiting(ctx)).has(site.id) ? 'started' : 'waiting';
}

export async function findSignedHook(
  ctx: Pick<Context, 'db'>,
  hookId: string,
  { headers, body }: { readonly headers: PushHeaders; readonly body: Buffer },
): Promise<HookRow | undefined> {
  const row = await findHook(ctx.db, hookId);
  return row !== undefined && isSigned(headers, body, row.secret) ? row : undefined;
}

const looking = new WeakMap<object, Promise<Set<string>>>();

/** Starts what waits at sites where nothing runs; answers their ids. One look after another: two must not start the same. */
export async function startWaiting(ctx: Context): Promise<Set<string>> {
  const before = looking.get(ctx) ?? Promise.resolve(new Set<string>());
  const mine = before.catch(() => undefined).then(() => look(ctx));
  looking.set(ctx, mine);
  return mine;
}

async function look(ctx: Context): Promise<Set<string>> {
  const started = new Set<string>();
  for (const row of await listWaiting(ctx.db)) {
    if (await isDeploying(ctx, row.site_id)) continue;
    if (!(await takeWaiting(ctx.db, row))) continue;
    const site = await findSite(ctx, row.site_id);
    if (site === undefined) continue;
    await enqueue(ctx, site, { id: newId(), trigger: 'webhook', actor: hookActor });
    started.add(site.id);
  }
  return started;
}

/** How often pushes that wait are looked at that no event told of: of another process, or of one before this. */
const lookMs = 20_000;

/** Starts what waits whenever a deployment has ended. */
export function watchWaiting(ctx: Context): () => void {
  const look = (): void => {
    startWaiting(ctx).catch((error: unknown) =>
      ctx.log.warn({ err: error }, 'waiting deployments could not be started'),
    );
  };
  const subscription = ctx.events.subscribe({
    topics: [],
    isAllowed: (event) => event.type === 'job' && event.job.kind === 'deployments.run' && event.job.endedAt !== null,
    wake() {
      subscription.take();
      look();
    },
  });
  const timer = setInterval(look, lookMs);
  timer.unref();
  look();
  return () => {
    clearInterval(timer);
    subscription.close();
  };
}
