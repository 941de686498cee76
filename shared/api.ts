import { accountsApi } from './accounts.ts';
import { auditApi } from './audit.ts';
import { eventsApi } from './events.ts';
import type { Operation } from './http.ts';
import { jobsApi } from './jobs.ts';
import { settingsApi } from './settings.ts';
import { sitesApi } from './sites.ts';
import { softwareApi } from './software.ts';
import { systemApi } from './system.ts';

/** Every operation by feature: OpenAPI, the reference page and the architecture test read this list. */
export const api = {
  accounts: accountsApi,
  audit: auditApi,
  events: eventsApi,
  jobs: jobsApi,
  settings: settingsApi,
  sites: sitesApi,
  software: softwareApi,
  system: systemApi,
} as const satisfies Record<string, Record<string, Operation>>;
