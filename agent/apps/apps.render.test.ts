import { describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { completeApp, siteApp, siteAppInput } from '#shared/site-app.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { apart } from '../core/apart.ts';
import {
  appMarkerOf,
  readEnvironment,
  renderEnvironment,
  renderSocketRule,
  renderTimer,
  renderUnit,
  renderWorker,
  type UnitContext,
} from './apps.render.ts';
import { readState } from './apps.systemd.ts';
import { readUnit } from './apps.unit-file.ts';

const spec: SiteSpec = {
  siteId: 'abcdefghijklmnop',
  slug: 'example.com',
  kind: 'app',
  domains: [{ host: 'example.com', port: 80 }],
  isEnabled: true,
  root: '/www/wwwroot/example.com',
  upstream: null,
  customDirectives: '',
  ...defaultSettings,
};
const context: UnitContext = {
  prefix: '',
  runsAs: { user: 'site-abcdefgh', group: 'site-abcdefgh' },
  slot: 'a',
  port: 21_000,
  apart: apart(),
  program: '/usr/bin/node',
  searchPath: ['/usr/local/bin', '/usr/bin', '/bin'],
  environmentFile: '/var/lib/agent/apps/abcdefghijklmnop/a.env',
  log: '/www/wwwlogs/example.com.app.log',
  hidden: ['/var/lib/agent', '/run/agent'],
  nonce: '',
};
const secretId = 'aaaaaaaaaaaaaaaa';

describe('the text for systemd is, byte by byte, the golden file of', () => {
  const cases: Record<string, [object, Partial<UnitContext>]> = {
    unit: [{ program: 'node', arguments: ['server.js'] }, {}],
    'unit-socket': [
      {
        program: 'venv/bin/gunicorn',
        arguments: ['--bind', 'unix:{socket}', "--name=a b'c", '50% off $HOME "\\', ';', ''],
        folder: 'current',
        listen: { kind: 'socket' },
        environment: [{ name: 'TOKEN', secretId }],
        restart: 'on_failure',
        limits: { memoryMb: 256, cpuPercent: 150, tasks: 64 },
        isAtBoot: false,
      },
      { slot: 'b', port: null, program: '/www/wwwroot/example.com/current/venv/bin/gunicorn', nonce: 'again' },
    ],
    'unit-instance': [
      { program: 'node', arguments: ['server.js', '{port}'], instances: 3 },
      { port: 21_001, instance: 2, log: '/www/wwwlogs/example.com.app@2.log' },
    ],
    'unit-instance-socket': [
      { program: 'node', arguments: ['server.js', '{socket}'], instances: 3, listen: { kind: 'socket' } },
      { port: null, instance: 3, log: '/www/wwwlogs/example.com.app@3.log' },
    ],
  };
  it.each(Object.keys(cases))('CONF-1 %s', async (name) => {
    const [app, more] = cases[name] ?? [{}, {}];
    const text = renderUnit(spec, siteApp.parse(app), { ...context, ...more });
    await expect(text).toMatchFileSnapshot(`testdata/${name}.golden.service`);
  });

  it('CONF-1 a worker of it', async () => {
    const app = siteApp.parse({
      program: 'node',
      folder: 'current',
      listen: { kind: 'socket' },
      environment: [{ name: 'TOKEN', secretId }],
      limits: { memoryMb: 256, cpuPercent: 150, tasks: 64 },
      workers: [
        { name: 'celery-1', program: 'venv/bin/celery', arguments: ['-A', 'shop', '--time-limit=50%', '$HOME'] },
      ],
    });
    const [worker] = app.workers;
    const program = '/www/wwwroot/example.com/current/venv/bin/celery';
    const log = '/www/wwwlogs/example.com.app-celery-1.log';
    const text = worker && renderWorker(spec, app, worker, { ...context, port: null, program, log });
    await expect(text).toMatchFileSnapshot('testdata/worker.golden.service');
    expect(readUnit(text ?? '')).toMatchObject({
      program: apart()[0],
      args: [...apart().slice(1), program, ...(worker?.arguments ?? [])],
      log,
      memoryBytes: 256 * 1024 * 1024,
    });
  });

  it('CONF-1 the timer of its restarts', async () => {
    const text = renderTimer(spec, { every: 'day', minute: 245, timeZone: 'Asia/Riyadh' });
    await expect(text).toMatchFileSnapshot('testdata/restart.golden.timer');
  });

  it('CONF-1 the rule for its socket', async () => {
    const text = renderSocketRule(spec, 'www-data');
    await expect(text).toMatchFileSnapshot('testdata/socket-rule.golden.conf');
  });
});

it('what the supervisor reads of a unit is what was meant, whatever stands in the arguments', () => {
  const given = ['', ' ', '%n %% $HOME ${X} $$', '"quoted" \\ back\\slash', "it's", ';', '-x', 'ا ب'];
  const app = siteApp.parse({
    program: 'node',
    arguments: [...given, '{port}'],
    limits: { memoryMb: 300 },
    stopSeconds: 7,
  });
  const facts = readUnit(renderUnit(spec, app, context));
  expect(facts).toMatchObject({
    program: apart()[0],
    args: [...apart().slice(1), '/usr/bin/node', ...given, '21000'],
    folder: '/www/wwwroot/example.com',
    user: 'site-abcdefgh',
    variables: { PORT: '21000', HOST: '127.0.0.1', HOME: '/www/wwwroot/example.com' },
    memoryBytes: 300 * 1024 * 1024,
    stopMs: 7_000,
    umask: 0o027,
  });
});

it('the marker changes with every fact, with each secret and with each start anew', () => {
  const marker = (app: object, more: Partial<UnitContext> = {}): string | undefined =>
    appMarkerOf(renderUnit(spec, siteApp.parse({ program: 'node', ...app }), { ...context, ...more }));
  const all = [
    marker({}),
    marker({ arguments: ['x'] }),
    marker({ environment: [{ name: 'A', value: '1' }] }),
    marker({ environment: [{ name: 'A', value: '2' }] }),
    marker({ environment: [{ name: 'A', secretId }] }),
    marker({}, { nonce: 'again' }),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(all).not.toContain(undefined);
});

it('the environment comes back as it was given', () => {
  const variables = [
    { name: 'PLAIN', value: 'a b' },
    { name: 'EMPTY', value: '' },
    { name: 'HARD', value: '"$`\\ \\" %n #; \' =' },
    { name: 'LINES', value: '-----BEGIN KEY-----\nabc=\n-----END KEY-----\n' },
    { name: 'LAST', value: 'X="y"' },
  ];
  expect(readEnvironment(renderEnvironment(variables))).toEqual(variables);
});

describe('what a unit file could read as something else is refused before it is rendered', () => {
  it.each([
    [{ program: 'node\nUser=root' }],
    [{ program: 'node server.js' }],
    [{ program: '../other/run' }],
    [{ program: 'a/../../b' }],
    [{ program: '-node' + ' ' }],
    [{ program: '' }],
    [{ arguments: ['a\nb'] }],
    [{ arguments: ['a\rb'] }],
    [{ arguments: ['a\u0000b'] }],
    [{ folder: '../other' }],
    [{ folder: '/etc' }],
    [{ folder: 'a b' }],
    [{ environment: [{ name: 'A=B', value: '' }] }],
    [{ environment: [{ name: 'PORT', value: '1' }] }],
    [{ environment: [{ name: 'AAPANEL_APP', value: '1' }] }],
    [{ environment: [{ name: 'A', value: 'a\rb' }] }],
    [
      {
        environment: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ],
    [{ environment: [{ name: 'A', value: '1', secretId }] }],
    [{ listen: { kind: 'port', port: 80 } }],
    [{ listen: { kind: 'socket', path: '/run/x.sock' } }],
    [{ health: { kind: 'http', path: '//x y' } }],
    [{ limits: { memoryMb: 0 } }],
    [{ nodeVersion: '../22' }],
    [{ workers: [{ name: 'queue', program: 'node\nUser=root' }] }],
    [{ workers: [{ name: 'queue', program: 'node', arguments: ['worker.js\nUser=root'] }] }],
    [{ workers: [{ name: 'queue', program: 'node', user: 'root' }] }],
    [{ workers: [{ name: '../x', program: 'node' }] }],
    [{ workers: [{ name: 'a.b', program: 'node' }] }],
    [{ workers: [{ name: 'a:b', program: 'node' }] }],
    [{ workers: [{ name: 'a%i', program: 'node' }] }],
    [{ workers: [{ name: '-a', program: 'node' }] }],
    [{ workers: [{ name: '', program: 'node' }] }],
    [{ workers: [{ name: 'a'.repeat(33), program: 'node' }] }],
    [
      {
        workers: [
          { name: 'queue', program: 'node' },
          { name: 'queue', program: 'sh' },
        ],
      },
    ],
    [{ workers: Array.from({ length: 9 }, (_, index) => ({ name: `w${index}`, program: 'node' })) }],
    [{ timedRestart: { every: 'day', minute: 1_440, timeZone: 'UTC' } }],
    [{ timedRestart: { every: 'day', minute: 0, timeZone: 'UTC\nUnit=x.service' } }],
    [{ timedRestart: { every: 'day', minute: 0, timeZone: '../../etc/passwd' } }],
    [{ timedRestart: { every: 'day', minute: 0, timeZone: 'Asia/Nowhere' } }],
    [{ timedRestart: { every: 'hours', hours: 5, timeZone: 'UTC' } }],
  ])('CONF-1 %j', (more) => {
    expect(siteApp.safeParse({ program: 'node', ...more }).success).toBe(false);
  });

  it('a new secret value is taken on the way in only: no stored form has a place for it', () => {
    const app = { program: 'node', environment: [{ name: 'A', secret: 'value' }] };
    expect(siteAppInput.safeParse(app).success).toBe(true);
    expect(siteApp.safeParse(app).success).toBe(false);
  });
});

it('an application that was stored before there were workers is the one that would be stored now', () => {
  const now = siteApp.parse({ program: 'node', environment: [{ name: 'A', value: '1' }] });
  const before: Parameters<typeof completeApp>[0] = { ...now };
  delete before.workers;
  delete before.timedRestart;
  delete before.instances;
  expect(JSON.stringify(completeApp(before))).toBe(JSON.stringify(now));
});

describe('what systemd says of a unit', () => {
  const said = (more: Record<string, string>): string =>
    Object.entries({
      ActiveState: 'active',
      SubState: 'running',
      Result: 'success',
      MainPID: '71',
      ExecMainCode: '0',
      ExecMainStatus: '0',
      NRestarts: '0',
      MemoryCurrent: '1048576',
      CPUUsageNSec: '2500000000',
      TasksCurrent: '7',
      ActiveEnterTimestamp: '@1764288000',
      ...more,
    })
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
  it('running', () => {
    expect(readState(said({}))).toEqual({
      state: 'running',
      pid: 71,
      since: 1_764_288_000_000,
      memoryBytes: 1_048_576,
      cpuMs: 2_500,
      tasks: 7,
      restarts: 0,
      end: null,
    });
    expect(readState(said({ MemoryCurrent: '[not set]', TasksCurrent: '18446744073709551615' }))).toMatchObject({
      memoryBytes: null,
      tasks: null,
    });
  });
  it.each([
    [
      {
        ActiveState: 'activating',
        SubState: 'auto-restart',
        Result: 'exit-code',
        ExecMainCode: '1',
        ExecMainStatus: '3',
      },
      'starting',
      { kind: 'exit', code: 3 },
    ],
    [
      { ActiveState: 'failed', Result: 'oom-kill', ExecMainCode: '2', ExecMainStatus: '9' },
      'failed',
      { kind: 'memory', code: null },
    ],
    [
      { ActiveState: 'failed', Result: 'signal', ExecMainCode: '2', ExecMainStatus: '9' },
      'failed',
      { kind: 'signal', code: 9 },
    ],
    [
      { ActiveState: 'failed', Result: 'exit-code', ExecMainCode: '1', ExecMainStatus: '203' },
      'failed',
      { kind: 'start', code: 203 },
    ],
    [{ ActiveState: 'inactive', SubState: 'dead', MainPID: '0' }, 'stopped', null],
    [{ ActiveState: 'active', NRestarts: '2', Result: 'success', ExecMainCode: '0' }, 'running', null],
  ] as const)('%j', (more, state, end) => {
    expect(readState(said(more))).toMatchObject({ state, end });
  });
});
