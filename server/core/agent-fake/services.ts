import { AppError } from '#shared/errors.ts';
import type { Service, ServiceVerb } from '#shared/services.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';

type ServicesActionName = Extract<keyof FakeActions, `services.${string}`>;
type Line = Awaited<ReturnType<FakeActions['services.journal']>>['lines'][number];

const seen: readonly (Pick<Service, 'unit' | 'description'> & Partial<Service>)[] = [
  {
    unit: 'aapanel-agent.service',
    description: 'aaPanel agent',
    guard: 'panel',
    boot: 'static',
    memoryBytes: 31_457_280,
  },
  { unit: 'aapanel.service', description: 'aaPanel', guard: 'panel', memoryBytes: 61_865_984 },
  {
    unit: 'certbot.service',
    description: 'Certbot',
    state: 'failed',
    boot: 'static',
    failure: { result: 'exit-code', code: 1 },
  },
  { unit: 'cron.service', description: 'Regular background program processing daemon', memoryBytes: 1_638_400 },
  { unit: 'mariadb.service', description: 'MariaDB 11.8.3 database server', memoryBytes: 148_897_792, tasks: 9 },
  {
    unit: 'nginx.service',
    description: 'A high performance web server',
    memoryBytes: 7_340_032,
    canReload: true,
    tasks: 3,
  },
  {
    unit: 'php8.4-fpm.service',
    description: 'The PHP 8.4 FastCGI Process Manager',
    memoryBytes: 24_117_248,
    canReload: true,
  },
  { unit: 'redis-server.service', description: 'Advanced key-value store', state: 'inactive', boot: 'disabled' },
  { unit: 'rsync.service', description: 'fast remote file copy program daemon', state: 'inactive', boot: 'masked' },
  {
    unit: 'ssh.service',
    description: 'OpenBSD Secure Shell server',
    guard: 'essential',
    memoryBytes: 6_291_456,
    canReload: true,
  },
  {
    unit: 'systemd-journald.service',
    description: 'Journal Service',
    guard: 'essential',
    boot: 'static',
    memoryBytes: 18_874_368,
  },
];

/** The part of the fake agent that knows services. Whatever is told to do something has done it at once. */
export function createFakeServices(requireTicket: (call: FakeCall) => void): Pick<FakeActions, ServicesActionName> {
  const startedAt = Date.now() - 3 * 86_400_000;
  const services = new Map<string, Service>(
    seen.map((known, index) => {
      const state = known.state ?? 'active';
      const isUp = state === 'active';
      const service: Service = {
        state,
        subState: isUp ? 'running' : state === 'failed' ? 'failed' : 'dead',
        boot: 'enabled',
        guard: 'none',
        mainPid: isUp ? 600 + index * 17 : null,
        memoryBytes: null,
        cpuMs: isUp ? 4_200 + index * 911 : null,
        tasks: isUp ? 1 : null,
        since: new Date(startedAt + index * 1_000).toISOString(),
        restarts: 0,
        failure: null,
        canReload: false,
        ...known,
      };
      return [known.unit, service];
    }),
  );
  const journals = new Map([...services.values()].map((service) => [service.unit, firstLines(service)]));

  function getService(unit: string): Service {
    const service = services.get(unit);
    if (service === undefined)
      throw new AppError('not_found', 'There is no such service.', { reason: 'service_unknown' });
    return service;
  }

  function change(service: Service, verb: ServiceVerb): Service {
    const since = new Date().toISOString();
    if (verb === 'enable' || verb === 'disable')
      return { ...service, boot: verb === 'enable' ? 'enabled' : 'disabled' };
    if (verb === 'stop')
      return {
        ...service,
        state: 'inactive',
        subState: 'dead',
        mainPid: null,
        memoryBytes: null,
        cpuMs: null,
        tasks: null,
        failure: null,
        since,
      };
    if (verb === 'reload') return service;
    return {
      ...service,
      state: 'active',
      subState: 'running',
      mainPid: (service.mainPid ?? 4_000) + 31,
      memoryBytes: service.memoryBytes ?? 9_437_184,
      cpuMs: 40,
      tasks: 1,
      failure: null,
      since,
    };
  }

  return {
    'services.control': ({ unit, verb }, call) => {
      const service = getService(unit);
      const isOwnRestart = unit === 'aapanel.service' && verb === 'restart';
      if (service.guard === 'panel' && !isOwnRestart)
        throw new AppError('in_use', 'The panel needs this service.', { reason: 'service_of_panel' });
      if (service.boot === 'masked')
        throw new AppError('in_use', 'The service is masked.', { reason: 'service_masked', params: { unit } });
      if (verb === 'reload' && !service.canReload)
        throw new AppError('in_use', 'It cannot read its configuration again.', { reason: 'service_no_reload' });
      if ((verb === 'enable' || verb === 'disable') && service.boot === 'static')
        throw new AppError('in_use', 'Others start this service.', { reason: 'service_not_for_boot' });
      const isGrave = service.guard === 'essential' && verb !== 'start' && verb !== 'enable';
      if (isOwnRestart || isGrave) requireTicket(call);
      const next = change(service, verb);
      services.set(unit, next);
      const text = {
        start: 'Started',
        stop: 'Stopped',
        restart: 'Started',
        reload: 'Reloaded',
        enable: '',
        disable: '',
      }[verb];
      if (text !== '') {
        const line = { at: new Date().toISOString(), priority: 6, source: 'systemd', text: `${text} ${unit}.` };
        journals.get(unit)?.push(line);
      }
      return Promise.resolve({ service: next, complaint: null });
    },
    'services.journal': ({ unit, after, lines, priority }) => {
      getService(unit);
      const all = journals.get(unit) ?? [];
      const from = after === null ? 0 : Number.parseInt(/i=([0-9a-f]+)/.exec(after)?.[1] ?? '0', 16);
      const fresh = all.slice(from).filter((each) => each.priority <= priority);
      const cursor = `s=00000000;i=${all.length.toString(16)}`;
      return Promise.resolve({ lines: fresh.slice(-lines), cursor });
    },
    'services.list': () => Promise.resolve({ hasSystemd: true, items: [...services.values()] }),
    'services.read': ({ unit }) => {
      const service = getService(unit);
      const path = `/usr/lib/systemd/system/${unit}`;
      const text = `# ${path}\n[Unit]\nDescription=${service.description}\n\n[Service]\nExecStart=/usr/sbin/${unit.replace('.service', '')}\n\n[Install]\nWantedBy=multi-user.target\n`;
      return Promise.resolve({ service, path, text });
    },
  };
}

function firstLines({ unit, description, state, since }: Service): Line[] {
  const at = since ?? new Date().toISOString();
  const line = (priority: number, text: string): Line => ({ at, priority, source: 'systemd', text });
  if (state !== 'failed') return [line(6, `Started ${unit} - ${description}.`)];
  const own = {
    at,
    priority: 3,
    source: unit.replace('.service', ''),
    text: 'An unexpected error occurred: no route to host',
  };
  return [
    line(6, `Starting ${unit} - ${description}...`),
    own,
    line(5, `${unit}: Main process exited, code=exited, status=1/FAILURE`),
    line(4, `${unit}: Failed with result 'exit-code'.`),
  ];
}
