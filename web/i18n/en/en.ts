import type { ar } from '../ar/ar.ts';
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

type ArabicOnly = 'zero' | 'two' | 'few' | 'many';
/** The keys of the Arabic base without the plural forms that English does not have. */
type TextsLike<T> = {
  readonly [K in keyof T as K extends `${infer Base}_${ArabicOnly}`
    ? `${Base}_other` extends keyof T
      ? never
      : K
    : K]: T[K] extends string ? string : TextsLike<T[K]>;
};

/** Same keys as the Arabic base: a missing one is a type error, and a test compares the rest. */
export const en = {
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
} as const satisfies TextsLike<typeof ar>;
