import { z } from 'zod';
import { siteApp, siteAppInput } from './site-app.ts';
import { siteBehaviour } from './site-behaviour.ts';
import { sitePhp } from './site-php.ts';
import { siteTls } from './site-tls.ts';

/**
 * Facts of a site that have a form of their own. One column of the panel's database and one object of the agent's record
 * hold them together: another one needs a line here and no migration. Each has a default, which stands for sites and
 * backups from before it.
 */
export const siteSettings = z.strictObject({
  /** null: the site is of another kind. */
  app: siteApp.nullable().default(null),
  behaviour: siteBehaviour.prefault({}),
  /** null: the site is of another kind. */
  php: sitePhp.nullable().default(null),
  tls: siteTls.default(null),
});
export type SiteSettings = z.infer<typeof siteSettings>;

/** As an update sends them: without the defaults above, which would take back every setting that is left out. */
export const siteSettingsUpdate = z
  .strictObject({ app: siteAppInput, behaviour: siteBehaviour, php: sitePhp, tls: siteTls })
  .partial();

export const settingNames = ['app', 'behaviour', 'php', 'tls'] as const satisfies readonly (keyof SiteSettings)[];

/** Only the settings of everything that is known of a site. */
export function settingsOf(facts: SiteSettings): SiteSettings {
  return { app: facts.app, behaviour: facts.behaviour, php: facts.php, tls: facts.tls };
}
