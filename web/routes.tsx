import { createRootRouteWithContext, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { accountsApi } from '#shared/accounts.ts';
import { call } from './api/client.ts';
import { ApiError } from './api/errors.ts';
import { queryClient } from './api/queries.ts';
import { meQuery } from './api/session.ts';
import { auditSearch } from './features/audit/audit-search.ts';
import { alertsSearch, backupsSearch, runsSearch, setSearch, setsSearch } from './features/backups/backups-search.ts';
import { browseSearch } from './features/database-browse/browse-search.ts';
import { cronSearch } from './features/cron/cron-search.ts';
import { databasesSearch } from './features/databases/databases-search.ts';
import { accountsSearch } from './features/machine-accounts/accounts-search.ts';
import { serverSearch } from './features/database-servers/server-search.ts';
import { historySearch } from './features/history/history-search.ts';
import { jobsSearch } from './features/jobs/jobs-search.ts';
import { peopleSearch } from './features/people/people-search.ts';
import { servicesSearch } from './features/services/services-search.ts';
import { isOwnPath } from './features/accounts/own-path.ts';
import { DashboardPage } from './features/dashboard/DashboardPage.tsx';
import { startDashboard } from './features/dashboard/dashboard-start.ts';
import { sitesSearch } from './features/sites/sites-search.ts';
import { CrashPage, NotFoundPage } from './layout/FailurePages.tsx';
import { lazyScreen } from './layout/lazy-screen.tsx';
import { SignedIn } from './layout/SignedIn.tsx';
import { navItems } from './nav.ts';

/*
 * Every screen, its address and the file it is loaded from.
 */

const root = createRootRouteWithContext<Record<never, never>>()({
  notFoundComponent: NotFoundPage,
  errorComponent: CrashPage,
});

type SignInSearch = { readonly next?: string };

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw): SignInSearch => (isOwnPath(raw['next']) ? { next: raw['next'] } : {}),
  component: lazyScreen(() => import('./features/accounts/SignInPage.tsx'), 'SignInPage'),
});
const firstRun = createRoute({
  getParentRoute: () => root,
  path: '/first-run',
  component: lazyScreen(() => import('./features/accounts/FirstRunPage.tsx'), 'FirstRunPage'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyScreen(() => import('./features/accounts/InvitationPage.tsx'), 'InvitationPage'),
});

/** Everything below needs a person; others go to the sign-in screen and come back. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: SignedIn,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'not_signed_in') throw error;
      const state = await call(accountsApi.signInState, {});
      if (state.isFirstRun) throw redirect({ to: '/first-run' });
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
    }
  },
});

async function startDashboardPage(): Promise<void> {
  const { permissions } = await queryClient.ensureQueryData(meQuery);
  // Whoever does not see the machine is led elsewhere.
  if (!permissions.includes('system.read')) return;
  await startDashboard(queryClient, (permission) => permissions.includes(permission));
}

/** Where nobody is signed in yet. */
const openPaths: readonly string[] = ['/sign-in', '/first-run', '/invitation'];

/** What the first page will ask for, asked before the router is there. Failures are the router's to meet again. */
export async function startPage(): Promise<void> {
  const { pathname } = location;
  if (openPaths.includes(pathname)) return;
  await (pathname === '/' ? startDashboardPage() : queryClient.prefetchQuery(meQuery)).catch(() => undefined);
}

const dashboard = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  // A role that does not see the machine begins at the first screen it has.
  beforeLoad: async () => {
    const { permissions } = await queryClient.ensureQueryData(meQuery);
    if (permissions.includes('system.read')) return;
    const first = navItems.find(({ to, permission }) => to !== '/' && permissions.includes(permission));
    if (first !== undefined) throw redirect({ to: first.to });
  },
  // Not waited for here: the frame is drawn meanwhile.
  loader: () => ({ started: startDashboardPage().catch(() => undefined) }),
  // The page that most people see first comes with the frame.
  component: Dashboard,
});

function Dashboard() {
  return <DashboardPage started={dashboard.useLoaderData().started} />;
}

const sites = createRoute({
  getParentRoute: () => signedIn,
  path: '/sites',
  validateSearch: sitesSearch,
  component: lazyScreen(() => import('./features/sites/SitesPage.tsx'), 'SitesPage'),
});
const site = createRoute({
  getParentRoute: () => signedIn,
  path: '/sites/$siteId',
  component: lazyScreen(() => import('./features/sites/SitePage.tsx'), 'SitePage'),
});
const recycledSites = createRoute({
  getParentRoute: () => signedIn,
  path: '/sites/recycled',
  component: lazyScreen(() => import('./features/recycled-sites/RecycledSitesPage.tsx'), 'RecycledSitesPage'),
});
const siteOverview = createRoute({
  getParentRoute: () => site,
  path: '/',
  component: lazyScreen(() => import('./features/sites/SiteOverview.tsx'), 'SiteOverview'),
});
const siteDomains = createRoute({
  getParentRoute: () => site,
  path: '/domains',
  component: lazyScreen(() => import('./features/sites/SiteDomains.tsx'), 'SiteDomains'),
});
const siteHttps = createRoute({
  getParentRoute: () => site,
  path: '/https',
  component: lazyScreen(() => import('./features/sites/SiteHttps.tsx'), 'SiteHttps'),
});
const siteBehaviour = createRoute({
  getParentRoute: () => site,
  path: '/behaviour',
  component: lazyScreen(() => import('./features/sites/behaviour/SiteBehaviour.tsx'), 'SiteBehaviour'),
});
const siteApp = createRoute({
  getParentRoute: () => site,
  path: '/app',
  component: lazyScreen(() => import('./features/apps/SiteApp.tsx'), 'SiteApp'),
});
const siteArchives = createRoute({
  getParentRoute: () => site,
  path: '/archives',
  component: lazyScreen(() => import('./features/archives/SiteArchives.tsx'), 'SiteArchives'),
});
const siteWordpress = createRoute({
  getParentRoute: () => site,
  path: '/wordpress',
  // Of a site that was just made for it, and got none.
  validateSearch: ({ unfinished }): { unfinished?: true } => (unfinished === true ? { unfinished } : {}),
  component: lazyScreen(() => import('./features/wordpress/SiteWordpress.tsx'), 'SiteWordpress'),
});
const siteDeploy = createRoute({
  getParentRoute: () => site,
  path: '/deploy',
  // Of a site that was just made to be deployed from it.
  validateSearch: ({ repository }): { repository?: string } =>
    typeof repository === 'string' && repository !== '' ? { repository: repository.slice(0, 500) } : {},
  component: lazyScreen(() => import('./features/deployments/SiteDeploy.tsx'), 'SiteDeploy'),
});
const sitePhp = createRoute({
  getParentRoute: () => site,
  path: '/php',
  component: lazyScreen(() => import('./features/php/SitePhp.tsx'), 'SitePhp'),
});
const siteConfiguration = createRoute({
  getParentRoute: () => site,
  path: '/configuration',
  component: lazyScreen(() => import('./features/sites/SiteConfiguration.tsx'), 'SiteConfiguration'),
});
const siteSftp = createRoute({
  getParentRoute: () => site,
  path: '/sftp',
  component: lazyScreen(() => import('./features/sites/SiteSftp.tsx'), 'SiteSftp'),
});
const siteTraffic = createRoute({
  getParentRoute: () => site,
  path: '/traffic',
  component: lazyScreen(() => import('./features/traffic/SiteTraffic.tsx'), 'SiteTraffic'),
});
const siteLogs = createRoute({
  getParentRoute: () => site,
  path: '/logs',
  component: lazyScreen(() => import('./features/sites/SiteLogs.tsx'), 'SiteLogs'),
});
const siteFiles = createRoute({
  getParentRoute: () => site,
  path: '/files',
  // A name of digits alone arrives as a number.
  validateSearch: ({ path, tab }): { path?: string; tab?: number } => ({
    ...((typeof path === 'string' || typeof path === 'number') && path !== ''
      ? { path: String(path).slice(0, 4_096) }
      : {}),
    ...(Number.isSafeInteger(tab) && Number(tab) > 0 ? { tab: Number(tab) } : {}),
  }),
  component: lazyScreen(() => import('./features/files/SiteFiles.tsx'), 'SiteFiles'),
});
const siteHistory = createRoute({
  getParentRoute: () => site,
  path: '/history',
  component: lazyScreen(() => import('./features/sites/SiteHistory.tsx'), 'SiteHistory'),
});
const siteDelete = createRoute({
  getParentRoute: () => site,
  path: '/delete',
  component: lazyScreen(() => import('./features/sites/SiteDelete.tsx'), 'SiteDelete'),
});

const certificates = createRoute({
  getParentRoute: () => signedIn,
  path: '/certificates',
  component: lazyScreen(() => import('./features/certificates/CertificatesPage.tsx'), 'CertificatesPage'),
});
const databases = createRoute({
  getParentRoute: () => signedIn,
  path: '/databases',
  validateSearch: databasesSearch,
  component: lazyScreen(() => import('./features/databases/DatabasesPage.tsx'), 'DatabasesPage'),
});
const databaseBrowse = createRoute({
  getParentRoute: () => signedIn,
  path: '/databases/$databaseId',
  validateSearch: browseSearch,
  component: lazyScreen(() => import('./features/database-browse/BrowsePage.tsx'), 'BrowsePage'),
});
const databaseConsole = createRoute({
  getParentRoute: () => signedIn,
  path: '/databases/$databaseId/console',
  component: lazyScreen(() => import('./features/database-console/ConsolePage.tsx'), 'ConsolePage'),
});
const databaseServer = createRoute({
  getParentRoute: () => signedIn,
  path: '/databases/servers/$engine',
  validateSearch: serverSearch,
  component: lazyScreen(() => import('./features/database-servers/DatabaseServerPage.tsx'), 'DatabaseServerPage'),
});
const remoteServers = createRoute({
  getParentRoute: () => signedIn,
  path: '/databases/remote',
  component: lazyScreen(() => import('./features/remote-databases/RemoteServersPage.tsx'), 'RemoteServersPage'),
});
const remoteServer = createRoute({
  getParentRoute: () => signedIn,
  path: '/databases/remote/$serverId',
  component: lazyScreen(() => import('./features/remote-databases/RemoteServerPage.tsx'), 'RemoteServerPage'),
});
const redis = createRoute({
  getParentRoute: () => signedIn,
  path: '/databases/redis',
  component: lazyScreen(() => import('./features/redis/RedisPage.tsx'), 'RedisPage'),
});
const cron = createRoute({
  getParentRoute: () => signedIn,
  path: '/cron',
  validateSearch: cronSearch,
  component: lazyScreen(() => import('./features/cron/CronPage.tsx'), 'CronPage'),
});
const cronJob = createRoute({
  getParentRoute: () => signedIn,
  path: '/cron/$jobId',
  component: lazyScreen(() => import('./features/cron/CronJobPage.tsx'), 'CronJobPage'),
});
const software = createRoute({
  getParentRoute: () => signedIn,
  path: '/software',
  component: lazyScreen(() => import('./features/software/SoftwarePage.tsx'), 'SoftwarePage'),
});
const backups = createRoute({
  getParentRoute: () => signedIn,
  path: '/backups',
  validateSearch: backupsSearch,
  component: lazyScreen(() => import('./features/backups/OverviewPage.tsx'), 'OverviewPage'),
});
const backupSets = createRoute({
  getParentRoute: () => signedIn,
  path: '/backups/sets',
  validateSearch: setsSearch,
  component: lazyScreen(() => import('./features/backups/SetsPage.tsx'), 'SetsPage'),
});
const backupSet = createRoute({
  getParentRoute: () => signedIn,
  path: '/backups/sets/$targetId/$setId',
  validateSearch: setSearch,
  component: lazyScreen(() => import('./features/backups/SetPage.tsx'), 'SetPage'),
});
const backupRuns = createRoute({
  getParentRoute: () => signedIn,
  path: '/backups/runs',
  validateSearch: runsSearch,
  component: lazyScreen(() => import('./features/backups/RunsPage.tsx'), 'RunsPage'),
});
const backupKeys = createRoute({
  getParentRoute: () => signedIn,
  path: '/backups/keys',
  component: lazyScreen(() => import('./features/backups/KeysPage.tsx'), 'KeysPage'),
});
const backupAlerts = createRoute({
  getParentRoute: () => signedIn,
  path: '/backups/alerts',
  validateSearch: alertsSearch,
  component: lazyScreen(() => import('./features/backups/AlertsPage.tsx'), 'AlertsPage'),
});
const history = createRoute({
  getParentRoute: () => signedIn,
  path: '/history',
  validateSearch: historySearch,
  component: lazyScreen(() => import('./features/history/HistoryPage.tsx'), 'HistoryPage'),
});
const jobs = createRoute({
  getParentRoute: () => signedIn,
  path: '/jobs',
  validateSearch: jobsSearch,
  component: lazyScreen(() => import('./features/jobs/JobsPage.tsx'), 'JobsPage'),
});
const services = createRoute({
  getParentRoute: () => signedIn,
  path: '/services',
  validateSearch: servicesSearch,
  component: lazyScreen(() => import('./features/services/ServicesPage.tsx'), 'ServicesPage'),
});
const processes = createRoute({
  getParentRoute: () => signedIn,
  path: '/services/processes',
  component: lazyScreen(() => import('./features/services/ProcessesPage.tsx'), 'ProcessesPage'),
});
const ports = createRoute({
  getParentRoute: () => signedIn,
  path: '/services/ports',
  component: lazyScreen(() => import('./features/services/PortsPage.tsx'), 'PortsPage'),
});
const updates = createRoute({
  getParentRoute: () => signedIn,
  path: '/services/updates',
  component: lazyScreen(() => import('./features/services/UpdatesPage.tsx'), 'UpdatesPage'),
});
const terminals = createRoute({
  getParentRoute: () => signedIn,
  path: '/terminals',
  component: lazyScreen(() => import('./features/terminals/TerminalsPage.tsx'), 'TerminalsPage'),
});
const machine = createRoute({
  getParentRoute: () => signedIn,
  path: '/services/machine',
  validateSearch: accountsSearch,
  component: lazyScreen(() => import('./features/machine-settings/MachinePage.tsx'), 'MachinePage'),
});
const people = createRoute({
  getParentRoute: () => signedIn,
  path: '/people',
  validateSearch: peopleSearch,
  component: lazyScreen(() => import('./features/people/PeoplePage.tsx'), 'PeoplePage'),
});
const roles = createRoute({
  getParentRoute: () => signedIn,
  path: '/people/roles',
  component: lazyScreen(() => import('./features/people/RolesPage.tsx'), 'RolesPage'),
});
const doors = createRoute({
  getParentRoute: () => signedIn,
  path: '/doors',
  component: lazyScreen(() => import('./features/doors/DoorsPage.tsx'), 'DoorsPage'),
});
const aapanelImport = createRoute({
  getParentRoute: () => signedIn,
  path: '/import/aapanel',
  component: lazyScreen(() => import('./features/aapanel/AapanelPage.tsx'), 'AapanelPage'),
});
const siteImport = createRoute({
  getParentRoute: () => signedIn,
  path: '/import/site',
  component: lazyScreen(() => import('./features/site-files/ImportSitePage.tsx'), 'ImportSitePage'),
});
const bans = createRoute({
  getParentRoute: () => signedIn,
  path: '/bans',
  component: lazyScreen(() => import('./features/bans/BansPage.tsx'), 'BansPage'),
});
const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyScreen(() => import('./features/audit/AuditPage.tsx'), 'AuditPage'),
});
const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  component: lazyScreen(() => import('./features/settings/SettingsPage.tsx'), 'SettingsPage'),
});

const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/account',
  component: lazyScreen(() => import('./features/account/AccountPage.tsx'), 'AccountPage'),
});

const routeTree = root.addChildren([
  signIn,
  firstRun,
  invitation,
  signedIn.addChildren([
    dashboard,
    sites,
    recycledSites,
    site.addChildren([
      siteOverview,
      siteDomains,
      siteArchives,
      siteWordpress,
      siteDeploy,
      siteHttps,
      siteBehaviour,
      siteApp,
      sitePhp,
      siteConfiguration,
      siteSftp,
      siteTraffic,
      siteLogs,
      siteFiles,
      siteHistory,
      siteDelete,
    ]),
    certificates,
    databaseServer,
    databases,
    databaseBrowse,
    redis,
    remoteServers,
    remoteServer,
    databaseConsole,
    cron,
    cronJob,
    software,
    backups,
    backupSets,
    backupSet,
    backupRuns,
    backupKeys,
    backupAlerts,
    history,
    jobs,
    services,
    terminals,
    processes,
    ports,
    updates,
    machine,
    people,
    roles,
    doors,
    aapanelImport,
    siteImport,
    bans,
    audit,
    settings,
    account,
  ]),
]);

export const router = createRouter({
  routeTree,
  context: {},
  // What a route does not know does not stay in the address.
  search: { strict: true },
  defaultPreload: 'intent',
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
