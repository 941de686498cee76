import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { mostRewriteTemplates, rewriteTemplate, type RewriteTemplate } from '#shared/rewrite-templates.ts';
import type { RewriteRule } from '#shared/behaviour/rewrites.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { findStored, putStored } from '../settings/settings.logic.ts';

type Ctx = Pick<Context, 'db' | 'clock'>;
type Viewer = Pick<Actor, 'id' | 'siteScope'>;

const stored = rewriteTemplate.extend({ ownerId: z.string() });
type Stored = z.output<typeof stored>;

const name = 'rewrite_templates';

/** One that today's rules would refuse is left out: it could be put into no site. */
async function readAll(ctx: Pick<Ctx, 'db'>): Promise<Stored[]> {
  const all = await findStored(ctx, name);
  return Array.isArray(all) ? all.flatMap((each) => stored.safeParse(each).data ?? []) : [];
}

const isVisible = (viewer: Viewer, { ownerId }: Stored): boolean => viewer.siteScope === 'all' || ownerId === viewer.id;

export async function listRewriteTemplates(ctx: Pick<Ctx, 'db'>, viewer: Viewer): Promise<RewriteTemplate[]> {
  const seen = (await readAll(ctx)).filter((each) => isVisible(viewer, each));
  return seen.map(shown).toSorted((one, other) => one.name.localeCompare(other.name));
}

/** In place of the person's own one of that name. Throws `in_use` when there are too many. */
export async function saveRewriteTemplate(
  ctx: Ctx,
  { id: ownerId }: Viewer,
  given: { readonly name: string; readonly rules: RewriteRule[] },
): Promise<RewriteTemplate> {
  const all = await readAll(ctx);
  const old = all.find((each) => each.ownerId === ownerId && each.name === given.name);
  const others = all.filter((each) => each !== old);
  if (others.length >= mostRewriteTemplates)
    throw new AppError('in_use', 'There are as many templates as there may be. Remove one first.', {
      reason: 'rewrite_templates_full',
      params: { max: mostRewriteTemplates },
    });
  const now = ctx.clock.now();
  const kept: Stored = { ...given, id: old?.id ?? newId(), ownerId, updatedAt: new Date(now).toISOString() };
  await putStored(ctx, name, [...others, kept]);
  return shown(kept);
}

/** Throws `not_found`, also for one of others. */
export async function removeRewriteTemplate(ctx: Ctx, viewer: Viewer, templateId: string): Promise<RewriteTemplate> {
  const all = await readAll(ctx);
  const found = all.find((each) => each.id === templateId && isVisible(viewer, each));
  if (found === undefined)
    throw new AppError('not_found', 'There is no such template.', { reason: 'rewrite_template_gone' });
  await putStored(
    ctx,
    name,
    all.filter((each) => each !== found),
  );
  return shown(found);
}

function shown({ id, name: title, rules, updatedAt }: Stored): RewriteTemplate {
  return { id, name: title, rules, updatedAt };
}
