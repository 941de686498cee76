import type { AgentAction } from './action.ts';
import type { AgentActionName, AgentActions } from './index.ts';

/*
 * The actions of `shared/agent` for whoever runs, loaded area by area when they are first asked for: all of their schemas
 * together take 7 MB and a tenth of a second of each process, and most processes need those of one or two areas.
 */

type AreaOf<Name extends string> = Name extends `${infer Area}.${string}` ? Area : never;
export type AgentArea = AreaOf<AgentActionName>;

/** Where the actions of an area are; several places are asked one after the other. */
const areas: { readonly [A in AgentArea]: readonly (() => Promise<object>)[] } = {
  aapanel: [() => import('./aapanel.ts')],
  agent: [() => import('./agent.ts')],
  apps: [() => import('./apps.ts')],
  archives: [() => import('./archives.ts')],
  audit: [() => import('./audit.ts')],
  backups: [() => import('./backups.ts')],
  certificates: [() => import('./certificates.ts')],
  changes: [() => import('./sites.ts')],
  copies: [() => import('./copies.ts')],
  cron: [() => import('./cron.ts')],
  database_servers: [() => import('./database-servers.ts')],
  databases: [
    () => import('./databases.ts'),
    () => import('./database-browse.ts'),
    () => import('./database-rows.ts'),
    () => import('./database-console.ts'),
    () => import('./database-changes.ts'),
    () => import('./database-maintenance.ts'),
    () => import('./database-exports.ts'),
    () => import('./database-imports.ts'),
  ],
  dependencies: [() => import('./dependencies.ts')],
  deployments: [() => import('./deployments.ts')],
  elevation: [() => import('./people.ts')],
  factors: [() => import('./people.ts')],
  files: [() => import('./files.ts')],
  ftp: [() => import('./ftp.ts')],
  logs: [() => import('./logs.ts')],
  machine: [() => import('./machine.ts')],
  machine_accounts: [() => import('./machine-accounts.ts')],
  nginx: [() => import('./nginx.ts')],
  people: [() => import('./people.ts')],
  php: [() => import('./php.ts')],
  processes: [() => import('./processes.ts')],
  recycled_sites: [() => import('./recycled-sites.ts')],
  redis: [() => import('./redis.ts')],
  remote_databases: [() => import('./remote-databases.ts')],
  services: [() => import('./services.ts')],
  site_files: [() => import('./site-files.ts')],
  sites: [() => import('./sites.ts'), () => import('./site-figures.ts')],
  software: [() => import('./software.ts')],
  terminals: [() => import('./terminals.ts'), () => import('./ssh-hosts.ts')],
};

const found = new Map<string, AgentAction>();

/** The action of this name, or undefined when there is none. */
export async function findAction(name: string): Promise<AgentAction | undefined> {
  const known = found.get(name);
  if (known !== undefined) return known;
  const area = name.slice(0, name.indexOf('.'));
  if (!Object.hasOwn(areas, area)) return undefined;
  for (const load of areas[area as AgentArea]) {
    for (const action of Object.values(await load()) as unknown[]) if (isAction(action)) found.set(action.name, action);
    const action = found.get(name);
    if (action !== undefined) return action;
  }
  return undefined;
}

/** The action of a name that is known to be one. */
export async function actionOf<N extends AgentActionName>(name: N): Promise<AgentActions[N]> {
  const action = await findAction(name);
  if (action === undefined) throw new Error(`there is no action ${name}`);
  return action as AgentActions[N];
}

function isAction(value: unknown): value is AgentAction {
  return typeof value === 'object' && value !== null && 'params' in value && 'maxResultBytes' in value;
}
