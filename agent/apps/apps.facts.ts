import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import { portsOf, runOf } from './apps.ports.ts';
import { storedNodes } from './node-store.ts';
import { allRecords } from '../sites/site-records.ts';

const lastPort = 65_535;

/** Refuses facts of an application that can never be right. */
export function checkApp(machine: Machine, spec: SiteSpec): void {
  const { app, kind } = spec;
  if ((kind === 'app') !== (app !== null)) throw appError('app', kind === 'app' ? 'required' : 'app_not_for_kind');
  if (app === null) return;
  app.arguments.forEach((each, index) => {
    const wrong = app.listen.kind === 'port' ? '{socket}' : '{port}';
    if (each.includes(wrong)) throw appError(`app.arguments.${index}`, 'app_placeholder_wrong');
  });
  app.workers.forEach((worker, at) =>
    worker.arguments.forEach((each, index) => {
      // It listens nowhere, and where the application does changes with each start.
      if (/\{(?:port|socket)\}/.test(each))
        throw appError(`app.workers.${at}.arguments.${index}`, 'app_worker_placeholder');
    }),
  );
  if (app.nodeVersion !== null && spec.isEnabled && !storedNodes(machine.prefix).includes(app.nodeVersion))
    throw new AppError('in_use', `Node ${app.nodeVersion} is not installed.`, {
      reason: 'node_version_missing',
      params: { version: app.nodeVersion },
    });
  if (app.listen.kind === 'port' && app.listen.port !== null)
    checkGivenPorts(machine, spec, app.listen.port, app.instances);
}

/** nginx needs its own, and another site's application may be started again at any moment. */
function checkGivenPorts(machine: Machine, spec: SiteSpec, first: number, count: number): void {
  if (first + count - 1 > lastPort) throw appError('app.listen.port', 'app_port_high', { port: lastPort - count + 1 });
  const wanted = runOf(first, count);
  const ports = webPortsOf(machine);
  const ofNginx = [ports.http, ports.https, ...spec.domains.map((domain) => domain.port)];
  const refuse = (theirs: readonly number[], holder: string): void => {
    const taken = wanted.find((port) => theirs.includes(port));
    if (taken !== undefined) throw portTaken(taken, holder);
  };
  refuse(ofNginx, 'nginx');
  for (const record of allRecords(machine).values()) {
    if (record.siteId === spec.siteId) continue;
    refuse(
      record.domains.map((domain) => domain.port),
      'nginx',
    );
    refuse(portsOf(record), record.slug);
  }
}

/** By a program, or by the site of this name. */
export function portTaken(port: number, holder: string): AppError {
  return appError('app.listen.port', 'app_port_taken', { port, process: holder });
}

function appError(field: string, code: string, params: Record<string, string | number> = {}): AppError {
  return new AppError('invalid_request', 'The settings of the application are not allowed.', {
    fields: [{ field, code, params }],
  });
}
