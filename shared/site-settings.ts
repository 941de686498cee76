import { z } from 'zod';
import { siteApp, siteAppInput } from './site-app.ts';
import { siteBehaviour } from './site-behaviour.ts';
import { siteDeploy } from './site-deploy.ts';
import { sitePhp, sitePhpUpdate } from './site-php.ts';
import { siteReach } from './site-reach.ts';
import { siteSftp } from './site-sftp.ts';
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
  /** null: the site was never connected with a repository. */
  deploy: siteDeploy.nullable().default(null),
  /** null: the site is of another kind. */
  php: sitePhp.nullable().default(null),
  reach: siteReach.prefault({}),
  sftp: siteSftp.prefault({}),
  tls: siteTls.default(null),
});
export type SiteSettings = z.infer<typeof siteSettings>;

/**
 * As an update sends them: without the defaults above, which would take back every setting that is left out. `deploy` has an
 * operation of its own, since it needs another permission.
 */
export const siteSettingsUpdate = z
  .strictObject({
    app: siteAppInput,
    behaviour: siteBehaviour,
    php: sitePhpUpdate,
    reach: siteReach,
    sftp: siteSftp,
    tls: siteTls,
  })
  .partial();

export const settingNames = [
  'app',
  'behaviour',
  'deploy',
  'php',
  'reach',
  'sftp',
  'tls',
] as const satisfies readonly (keyof SiteSettings)[];

/** Only the settings of everything that is known of a site. */
export function settingsOf({ app, behaviour, deploy, php, reach, sftp, tls }: SiteSettings): SiteSettings {
  return { app, behaviour, deploy, php, reach, sftp, tls };
}
