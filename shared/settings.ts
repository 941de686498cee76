import { z } from 'zod';
import { line, type Operation } from './http.ts';
import { chosenSiteColumns, usualSiteColumns } from './site-columns.ts';

/** A person's own choices. `auto` follows the browser. */
export const preferences = z.strictObject({
  language: z.enum(['auto', 'ar', 'en']).default('auto'),
  theme: z.enum(['auto', 'light', 'dark']).default('auto'),
  /** `latn`: 0123, `arab`: ٠١٢٣. */
  digits: z.enum(['latn', 'arab']).default('latn'),
  /** IANA name, or `auto`. */
  timeZone: z
    .string()
    .max(64)
    .regex(/^(auto|[A-Za-z0-9_+/-]+)$/)
    .default('auto'),
  /** What the list of sites shows beside names and states. */
  siteColumns: chosenSiteColumns.default([...usualSiteColumns]),
});
export type Preferences = z.infer<typeof preferences>;

/** Settings of the whole panel. */
export const panelSettings = z.strictObject({
  /** Shown in the browser's title and on the sign-in screen; empty for the product's name. */
  panelName: line(60).default(''),
  defaultLanguage: z.enum(['auto', 'ar', 'en']).default('ar'),
});

/** One effective configuration value with where it came from; secrets as their length only. */
export const configEntry = z.object({
  key: z.string(),
  value: z.string(),
  source: z.enum(['default', 'file', 'environment', 'cli', 'derived', 'database']),
  isSecret: z.boolean(),
});

export const settingsApi = {
  get: {
    id: 'getSettings',
    method: 'GET',
    path: '/api/v1/settings',
    access: 'settings.read',
    summary: 'Settings of the panel',
    response: panelSettings,
  },
  set: {
    id: 'setSettings',
    method: 'PUT',
    path: '/api/v1/settings',
    access: 'settings.write',
    summary: 'Change the settings of the panel',
    body: panelSettings,
    response: panelSettings,
  },
  config: {
    id: 'getConfig',
    method: 'GET',
    path: '/api/v1/settings/config',
    access: 'settings.write',
    summary: 'Effective configuration with the source of each value (redacted)',
    response: z.object({ items: z.array(configEntry) }),
  },
} as const satisfies Record<string, Operation>;
