import { siteSettings, type SiteSettings } from './site-settings.ts';

/** What a site has whose settings nobody touched. Not for the browser: its build has no schemas. */
export const defaultSettings: SiteSettings = siteSettings.parse({});
