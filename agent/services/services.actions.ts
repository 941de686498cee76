import { AppError } from '#shared/errors.ts';
import type { Service, ServiceVerb } from '#shared/services.ts';
import { requireTicket, type Call } from '../core/call.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run, type RunResult } from '../core/run.ts';
import { nginxLock } from '../nginx/nginx.process.ts';
import { guardOf } from './guards.ts';
import { readJournal } from './journal.ts';
import { askedProperties, plain, propertiesOf, serviceOf } from './unit-facts.ts';

type Name = Extract<keyof Handlers, `services.${string}`>;

export const servicesHandlers: Pick<Handlers, Name> = {
  'services.control': (machine, { unit, verb }, call) => {
    const lock = /^(?:nginx|php[\d.]+-fpm)\.service$/.test(unit) ? nginxLock : `service ${unit}`;
    return machine.locks.hold(lock, call.deadlineAt, () => control(machine, unit, verb, call));
  },
  'services.journal': async (machine, params) => {
    await getService(machine, params.unit);
    return readJournal(params);
  },
  'services.list': async (machine) => ({ hasSystemd: hasSystemd(machine), items: await listServices(machine) }),
  'services.read': async (machine, { unit }) => {
    const { service, path } = await getService(machine, unit);
    const { stdout } = await systemctl(['cat', '--no-pager', '--', unit]);
    return { service, path, text: plain(stdout).slice(0, 60_000) };
  },
};

const hasSystemd = (machine: Pick<Machine, 'hasSystemd'>): boolean =>
  machine.hasSystemd && findProgram('systemctl') !== undefined;

/** Those that systemd has loaded, and those that only lie there, sorted by name. */
async function listServices(machine: Machine): Promise<Service[]> {
  if (!hasSystemd(machine)) return [];
  const [loaded, files] = await Promise.all([
    show(['--all', '*.service']),
    systemctl(['list-unit-files', '--no-legend', '--no-pager', '--plain', '--type=service']),
  ]);
  const known = new Map(loaded.map(({ service }) => [service.unit, service]));
  const others = files.stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    // A template is no service: only what is made from it.
    .filter((unit) => unit.endsWith('.service') && !unit.endsWith('@.service') && !known.has(unit));
  const idle = others.length === 0 ? [] : await show(['--', ...others]);
  for (const { service } of idle) known.set(service.unit, service);
  return [...known.values()].sort((one, other) => (one.unit < other.unit ? -1 : 1));
}

type Shown = { readonly service: Service; readonly path: string | null };

async function show(which: readonly string[]): Promise<Shown[]> {
  const asked = `--property=${askedProperties.join(',')}`;
  const { stdout } = await systemctl(['show', '--no-pager', '--timestamp=unix', asked, ...which]);
  return propertiesOf(stdout).flatMap((said) => {
    const service = serviceOf(said);
    const path = said.get('FragmentPath') ?? '';
    return service === undefined ? [] : [{ service, path: path === '' ? null : path.slice(0, 500) }];
  });
}

/** Throws `not_found`. */
async function getService(machine: Machine, unit: string): Promise<Shown> {
  const [shown] = hasSystemd(machine) ? await show(['--', unit]) : [];
  if (shown === undefined) throw new AppError('not_found', 'There is no such service.', { reason: 'service_unknown' });
  return shown;
}

/** systemd goes on with what it was asked for when it takes longer: the state says so. */
const patienceMs = 25_000;

async function control(machine: Machine, unit: string, verb: ServiceVerb, call: Call) {
  // By its name, before anything is asked.
  if (isGrave(guardOf(unit), verb)) requireTicket(call);
  check((await getService(machine, unit)).service, verb);
  const args = ['--no-ask-password', ...(isOwn(unit) ? ['--no-block'] : []), verb, '--', unit];
  // One that gave up after failing too often counts anew: a person has asked.
  if (verb === 'start' || verb === 'restart') await systemctl(['reset-failed', '--', unit]);
  const { code, stderr, isTimedOut } = await systemctl(
    args,
    Math.min(patienceMs, call.deadlineAt - Date.now() - 3_000),
  );
  const { service } = await getService(machine, unit);
  const isDone = code === 0 || isTimedOut;
  return { service, complaint: isDone ? null : plain(stderr).trim().slice(0, 2_000) || `${verb}: ${code ?? 'killed'}` };
}

/** The panel is only ever started anew; what is being asked cannot be stopped by whom it serves. */
function check({ unit, guard, boot, canReload }: Service, verb: ServiceVerb): void {
  if (guard === 'site')
    throw new AppError('in_use', 'This is the application of a site.', { reason: 'service_of_site' });
  if (guard === 'panel' && !(isOwn(unit) && verb === 'restart'))
    throw new AppError('in_use', 'The panel needs this service.', { reason: 'service_of_panel' });
  if (boot === 'masked')
    throw new AppError('in_use', 'The service is masked.', { reason: 'service_masked', params: { unit } });
  if (verb === 'reload' && !canReload)
    throw new AppError('in_use', 'The service cannot read its configuration again.', { reason: 'service_no_reload' });
  if ((verb === 'enable' || verb === 'disable') && boot !== 'enabled' && boot !== 'disabled' && boot !== 'indirect')
    throw new AppError('in_use', 'Others start this service.', { reason: 'service_not_for_boot' });
}

/** The web process: told without waiting, since it is what waits for the answer. */
const isOwn = (unit: string): boolean => unit === 'aapanel.service';

function isGrave(guard: Service['guard'], verb: ServiceVerb): boolean {
  return guard === 'panel' || (guard === 'essential' && verb !== 'start' && verb !== 'enable');
}

async function systemctl(args: readonly string[], timeoutMs = 12_000): Promise<RunResult> {
  const program = findProgram('systemctl');
  if (program === undefined) throw new Error('systemctl is missing');
  return await run(program, args, { timeoutMs: Math.max(1_000, timeoutMs), maxOutputBytes: 4 * 1024 * 1024 });
}
