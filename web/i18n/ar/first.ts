import { accounts } from './accounts.ts';
import { common } from './common.ts';
import { dashboard } from './dashboard.ts';
import { errors } from './errors.ts';
import { history } from './history.ts';
import { jobs } from './jobs.ts';
import { shell } from './shell.ts';
import { software } from './software.ts';

/** Texts of the frame and of what it shows at once: part of the first load. */
export const first = { accounts, common, dashboard, errors, history, jobs, shell, software } as const;
