import { metricsApi, type PanelMetrics } from '#shared/metrics.ts';
import type { Context } from '../../context.ts';
import { route, type App, type RouteArgs } from '../../core/route.ts';
import { databaseFigures } from '../../db/figures.ts';
import { checkDatabase } from '../../db/health.ts';
import { createBackupsCollector } from './backups.ts';
import { collectorsOf, databaseLimitMs } from './collectors.ts';
import { createMachineReader, type MachineFigures } from './machine.ts';
import { countEndedJobs } from './ended-jobs.ts';

type Operations = (typeof metricsApi)[keyof typeof metricsApi];

/** For tokens and signed-in people; a stranger who comes through a proxy hears no more than that it is not for them. */
export function metricsRoutes(app: App): void {
  const { ctx } = app;
  const { metrics } = ctx;
  const readMachine = createMachineReader(ctx);
  const backups = createBackupsCollector(ctx);
  app.server.addHook('onReady', (done) => {
    for (const collector of [...collectorsOf(ctx, readMachine), backups]) metrics.collectFrom(collector);
    const stopCounting = countEndedJobs(ctx, ({ kind }) => {
      if (kind === 'backups.run') backups.expire();
    });
    ctx.health.onDrain(stopCounting);
    done();
  });

  async function answer({ actor, request, reply }: RouteArgs<Operations>): Promise<string | PanelMetrics> {
    reply.headers({ 'cache-control': 'no-store', vary: 'accept' });
    if (/\bapplication\/json\b/i.test(request.headers.accept ?? '')) {
      reply.type('application/json; charset=utf-8');
      return readAsJson(ctx, await readMachine());
    }
    reply.type(metricsApi.read.textType);
    return metrics.text({ hasBackups: actor.permissions.includes('backups.read') });
  }

  for (const operation of Object.values(metricsApi)) {
    route(app, operation, answer, { isFile: true, isInternal: true });
  }
}

async function readAsJson({ clock, db, health }: Context, machine: MachineFigures): Promise<PanelMetrics> {
  const { createdTotal, destroyedTotal, totalQueries, failedQueries, successRate } = databaseFigures(db);
  const { isHealthy } = await checkDatabase(db, databaseLimitMs);
  return {
    uptime_seconds: Math.round((performance.now() - health.startedAt) / 1000),
    timestamp: new Date(clock.now()).toISOString(),
    system: {
      cpu_percent: machine.cpuPercent,
      memory_percent: machine.memoryPercent,
      disk_percent: machine.diskPercent,
    },
    database: {
      connections_created: createdTotal,
      connections_closed: Object.values(destroyedTotal).reduce((sum, count) => sum + count, 0),
      total_queries: totalQueries,
      failed_queries: failedQueries,
      success_rate: successRate,
      status: isHealthy ? 'up' : 'down',
    },
    redis: { status: 'skipped' },
  };
}
