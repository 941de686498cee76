import { accounts } from './accounts.ts';
import { audit } from './audit.ts';
import { bans } from './bans.ts';
import { common } from './common.ts';
import { dashboard } from './dashboard.ts';
import { doors } from './doors.ts';
import { errors } from './errors.ts';
import { history } from './history.ts';
import { jobs } from './jobs.ts';
import { people } from './people.ts';
import { settings } from './settings.ts';
import { shell } from './shell.ts';
import { sites } from './sites.ts';
import { software } from './software.ts';

/** The base of all texts: keys, variables and plural forms are checked against it. */
export const ar = {
  accounts,
  audit,
  bans,
  common,
  dashboard,
  doors,
  errors,
  history,
  jobs,
  people,
  settings,
  shell,
  sites,
  software,
} as const;
