import type { QueryClient } from '@tanstack/react-query';
import { systemInfoQuery } from '../../api/system.ts';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';
import { historyQuery, latestSitesQuery, recentChangesQuery } from './dashboard.queries.ts';

export async function loadChart() {
  const { Chart } = await import('../../ui/Chart.tsx');
  return { default: Chart };
}

/** Longer than a panel near by needs; a slow one shows its page with the places of its data first. */
const patienceMs = 150;

/**
 * Asks for everything the dashboard shows at once, and for the code of its chart, before anything is drawn: drawing twice
 * costs more than waiting for an answer.
 */
export async function startDashboard(client: QueryClient, can: (permission: 'jobs.read' | 'sites.read') => boolean) {
  const wanted = [
    client.prefetchQuery(systemInfoQuery),
    client.prefetchQuery(historyQuery),
    ...(can('sites.read') ? [client.prefetchQuery(latestSitesQuery), client.prefetchQuery(recentChangesQuery)] : []),
    ...(can('jobs.read') ? [client.prefetchQuery(recentJobsQuery)] : []),
    // A file that cannot be had is the chart's own affair.
    loadChart().catch(() => undefined),
  ];
  await Promise.race([Promise.all(wanted), new Promise((resolve) => setTimeout(resolve, patienceMs))]);
}
