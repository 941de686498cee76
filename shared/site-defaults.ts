import { completeApp } from './site-app.ts';
import { siteSettings, type SiteSettings } from './site-settings.ts';

/** What a site has whose settings nobody touched. Not for the browser: its build has no schemas. */
export const defaultSettings: SiteSettings = siteSettings.parse({});

/** Stored settings, with the defaults of what came later than they. */
export function completeSettings<T extends Partial<SiteSettings>>(stored: T): T & SiteSettings {
  const compression = { ...defaultSettings.behaviour.compression, ...stored.behaviour?.compression };
  const behaviour = { ...defaultSettings.behaviour, ...stored.behaviour, compression };
  const reach = { ...defaultSettings.reach, ...stored.reach };
  const app = stored.app == null ? null : completeApp(stored.app);
  return { ...defaultSettings, ...stored, app, behaviour, reach };
}
