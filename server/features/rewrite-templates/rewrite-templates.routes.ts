import { rewriteTemplatesApi } from '#shared/rewrite-templates.ts';
import { route, type App } from '../../core/route.ts';
import { listRewriteTemplates, removeRewriteTemplate, saveRewriteTemplate } from './rewrite-templates.logic.ts';

export function rewriteTemplatesRoutes(app: App): void {
  const { ctx } = app;

  route(app, rewriteTemplatesApi.list, async ({ actor }) => ({ items: await listRewriteTemplates(ctx, actor) }));

  route(app, rewriteTemplatesApi.save, async ({ body, actor, audit }) => {
    const template = await saveRewriteTemplate(ctx, actor, body);
    audit.target = template.id;
    audit.detail['name'] = template.name;
    return template;
  });

  route(app, rewriteTemplatesApi.remove, async ({ params, actor, audit }) => {
    audit.target = params.templateId;
    audit.detail['name'] = (await removeRewriteTemplate(ctx, actor, params.templateId)).name;
  });
}
