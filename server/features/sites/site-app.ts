import type { SiteApp, SiteAppInput } from '#shared/site-app.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../core/id.ts';
import type { Asker } from './site-editing.ts';

/**
 * The settings of an application as they are stored: new secret values go to the agent, which alone keeps them, and what
 * stays here is the id of each.
 */
export async function storeApp(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  site: { readonly siteId: string; readonly slug: string },
  input: SiteAppInput,
): Promise<SiteApp> {
  const secrets: { secretId: string; value: string }[] = [];
  const environment = input.environment.map((each) => {
    if (!('secret' in each)) return each;
    const secretId = newId();
    secrets.push({ secretId, value: each.secret });
    return { name: each.name, secretId };
  });
  if (secrets.length > 0) await ctx.agent.call('apps.keep_secrets', { site, secrets }, asker);
  return { ...input, environment };
}
