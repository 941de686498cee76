import { completeApp } from '#shared/site-app.ts';
import { askOrDo } from '../core/ask-or-do.ts';
import { launcherOf, logLine, type AgentSettings } from '../core/machine.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { mayRun } from '../sites/site-end.ts';
import { allRecords } from '../sites/site-records.ts';
import { takeUpApp } from './apps.take-up.ts';

const limitMs = 90_000;

/**
 * `main.ts --app-restart SITE_ID`: the moment of a timed restart has come. The agent starts the application anew as when a
 * person asks for it, so that no request is lost; one that does not answer is taken back. Nothing for one that is off.
 */
export async function restartByClock(settings: AgentSettings, [siteId = '']: readonly string[]): Promise<void> {
  const where = launcherOf(settings);
  const record = [...allRecords(where).values()].find((each) => each.siteId === siteId);
  const app = record?.settings?.app;
  if (record?.app?.isOn !== true || app == null || completeApp(app).timedRestart === null) return;
  if (!mayRun(record, where.now())) return;
  const site = { siteId, slug: record.slug };
  const changeId = newChangeId();
  await askOrDo(settings, 'apps.switch', { site, to: 'restart', changeId }, async (machine) => {
    const deadlineAt = Date.now() + limitMs;
    const actor = { id: 'agent', name: 'agent' };
    const call = { actor, requestId: 'timed-restart', deadlineAt, isElevated: false, may: () => true };
    await takeUpApp(machine, site, { changeId }, call);
    await machine.settled();
  });
  logLine('info', 'an application was started anew by the clock', { slug: record.slug });
}
