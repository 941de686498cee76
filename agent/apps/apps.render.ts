import { createHash } from 'node:crypto';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { restartHours } from '#shared/app-limits.ts';
import type { AppTimedRestart, AppWorker, SiteApp } from '#shared/site-app.ts';
import { wwwroot } from '#shared/site-folders.ts';
import { plain, quoted } from '../core/unit-text.ts';
import {
  appSocket,
  innerSocketFolder,
  nodeStore,
  restartService,
  socketFolder,
  socketRoot,
  type Slot,
} from './apps.paths.ts';

/*
 * Texts for systemd. Pure: the same facts give the same text, byte by byte. The values of the environment stand in none
 * of them: systemd reads those from a file of root's.
 */

export type UnitContext = {
  /** Prefix of all paths; empty but in tests. */
  readonly prefix: string;
  /** User that the application runs as; null where the agent is not root and everything runs as itself. */
  readonly runsAs: { readonly user: string; readonly group: string } | null;
  readonly slot: Slot;
  /** null: it listens on its socket. */
  readonly port: number | null;
  /** Of several; null: it is the only one. */
  readonly instance?: number | null;
  /** What stands before the program (core/apart.ts). */
  readonly apart: readonly string[];
  /** Absolute path of the program. */
  readonly program: string;
  /** Where it finds further programs. */
  readonly searchPath: readonly string[];
  readonly environmentFile: string;
  readonly log: string;
  /** Closed to it besides what the file system closes. */
  readonly hidden: readonly string[];
  /** Another one makes another text of the same facts: it was started anew. */
  readonly nonce: string;
};

const markerPlace = '@marker@';

/** What the environment of a process says that was started from this very text. */
export function appMarkerOf(text: string): string | undefined {
  return /^Environment="AAPANEL_APP=([0-9a-f]{32})"$/m.exec(text)?.[1];
}

const restarts = { always: 'always', on_failure: 'on-failure', never: 'no' } as const;

export function renderUnit(spec: SiteSpec, app: SiteApp, context: UnitContext): string {
  const { prefix, slot, port, instance = null } = context;
  const socket = `${prefix}${appSocket(spec.siteId, slot, instance ?? 1)}`;
  const words = app.arguments.map((each) =>
    each.replaceAll('{port}', String(port ?? '')).replaceAll('{socket}', socket),
  );
  return renderService(spec, app, context, {
    title: instance === null ? '' : ` (${instance})`,
    words,
    // A socket that an earlier process left behind keeps most programs from starting.
    before: port === null ? [`ExecStartPre=-/usr/bin/rm -f ${quoted(socket)}`] : [],
    variables: [
      ...(port === null ? [`SOCKET=${socket}`] : ['HOST=127.0.0.1', `PORT=${port}`]),
      ...(instance === null ? [] : [`AAPANEL_INSTANCE=${instance}`]),
    ],
    // nginx connects as a member of the group of the folder.
    umask: port === null ? '0007' : '0027',
    folders: port === null ? [`${prefix}${innerSocketFolder(spec.siteId)}`] : [],
  });
}

/** A further program of the application: in the same place with the same rights, and it listens nowhere. */
export function renderWorker(spec: SiteSpec, app: SiteApp, worker: AppWorker, context: UnitContext): string {
  return renderService(spec, app, context, {
    title: ` (${worker.name})`,
    words: worker.arguments,
    before: [],
    variables: [],
    umask: '0027',
    folders: [],
  });
}

type Own = {
  readonly title: string;
  readonly words: readonly string[];
  readonly before: readonly string[];
  readonly variables: readonly string[];
  readonly umask: string;
  /** Open to it besides the site's own. */
  readonly folders: readonly string[];
};

function renderService(spec: SiteSpec, app: SiteApp, context: UnitContext, own: Own): string {
  const { prefix, runsAs, nonce } = context;
  const root = `${prefix}${spec.root}`;
  const folder = app.folder === '' ? root : `${root}/${app.folder}`;
  const variables = [
    ...own.variables,
    `HOME=${root}`,
    `PATH=${context.searchPath.join(':')}`,
    'LANG=C.UTF-8',
    // Programs of Go listen by MPTCP since 1.24: tried with Linux 6.18 only that the kernel says whose such a port is (apps.fence.render.ts).
    'GODEBUG=multipathtcp=0',
    `AAPANEL_APP=${markerPlace}`,
  ];
  const lines = [
    `# Application of the site ${spec.slug} (${spec.siteId}). Written by aaPanel; changes by hand are noticed and never lost silently.`,
    '# كتبته لوحة aaPanel. أي تعديل يدوي يُكتشف ولا يُستبدل دون علمك.',
    '[Unit]',
    `Description=aaPanel application of ${plain(spec.slug)}${own.title}`,
    'After=network.target mariadb.service mysql.service postgresql.service redis-server.service',
    // One that ends again and again is left alone, with its reason.
    'StartLimitIntervalSec=60',
    'StartLimitBurst=5',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[...context.apart, context.program, ...own.words].map(quoted).join(' ')}`,
    ...own.before,
    `WorkingDirectory=${plain(folder)}`,
    ...(runsAs === null ? [] : [`User=${plain(runsAs.user)}`, `Group=${plain(runsAs.group)}`]),
    ...variables.map((each) => `Environment=${quoted(each)}`),
    `EnvironmentFile=${plain(context.environmentFile)}`,
    `StandardOutput=append:${plain(context.log)}`,
    'StandardError=inherit',
    `Restart=${restarts[app.restart]}`,
    'RestartSec=2',
    'KillMode=mixed',
    `TimeoutStopSec=${app.stopSeconds}`,
    '',
    '# What it may use.',
    `MemoryMax=${app.limits.memoryMb}M`,
    'MemorySwapMax=0',
    'OOMPolicy=kill',
    ...(app.limits.cpuPercent === null ? [] : [`CPUQuota=${app.limits.cpuPercent}%`]),
    `TasksMax=${app.limits.tasks}`,
    'CPUAccounting=yes',
    'MemoryAccounting=yes',
    'TasksAccounting=yes',
    'LimitCORE=0',
    '',
    '# What it may reach: its own folder, and of the rest of the machine what everybody may read.',
    `UMask=${own.umask}`,
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectProc=invisible',
    `TemporaryFileSystem=${plain(`${prefix}/www`)}:ro ${plain(`${prefix}${socketRoot}`)}:ro`,
    `BindPaths=${[`${prefix}${ownFolder(spec)}`, ...own.folders].map(plain).join(' ')}`,
    `BindReadOnlyPaths=-${plain(`${prefix}${nodeStore}`)}`,
    `InaccessiblePaths=${context.hidden.map((path) => `-${plain(path)}`).join(' ')}`,
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'AmbientCapabilities=',
    'RestrictSUIDSGID=yes',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'LockPersonality=yes',
    'KeyringMode=private',
    'RemoveIPC=yes',
    'ProtectControlGroups=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'SystemCallArchitectures=native',
    // Landlock is not in that group of systemd 252, and what stands before the program asks for it.
    'SystemCallFilter=@system-service landlock_create_ruleset landlock_restrict_self',
    'SystemCallFilter=~@privileged @resources',
    'SystemCallErrorNumber=EPERM',
    '# MemoryDenyWriteExecute is left out: Node, Java and others make machine code in memory.',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ];
  const text = lines.join('\n');
  // Values of secrets are not known here; their ids are, and a new value has a new one.
  const sum = createHash('sha256').update(text).update('\0').update(JSON.stringify(app.environment)).update(nonce);
  return text.replaceAll(markerPlace, sum.digest('hex').slice(0, 32));
}

/** The folder of this name is the site's alone, also where only one below it is served. */
function ownFolder({ slug, root }: SiteSpec): string {
  const own = `${wwwroot}/${slug}`;
  return root.startsWith(`${own}/`) ? own : root;
}

/** For systemd-tmpfiles: `/run` is empty after every start of the machine. */
export function renderSocketRule({ slug, siteId }: Pick<SiteSpec, 'slug' | 'siteId'>, group: string): string {
  return [
    `# Folder for the socket of the application of ${slug}. Written by aaPanel · كتبته لوحة aaPanel`,
    `d ${socketFolder(siteId)} 0750 root ${plain(group)} -`,
    `d ${innerSocketFolder(siteId)} 3777 root ${plain(group)} -`,
    '',
  ].join('\n');
}

/** As systemd reads a moment of every day, with the zone whose clocks it means. */
export function calendarOf(restart: AppTimedRestart): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const time =
    restart.every === 'day'
      ? `${two(Math.floor(restart.minute / 60))}:${two(restart.minute % 60)}:00`
      : `00/${restart.hours}:00:00`;
  return `*-*-* ${time} ${plain(restart.timeZone)}`;
}

/** The other way round, for where systemd is not. Only what `renderTimer` wrote. */
export function readTimer(text: string): { readonly restart: AppTimedRestart; readonly siteId: string } | undefined {
  const [, first = '', second = '', timeZone] =
    /^OnCalendar=\*-\*-\* (\d\d)[:/](\d{1,2}):00(?::00)? (\S+)$/m.exec(text) ?? [];
  const siteId = /^Unit=aapanel-app-restart@([a-z2-7]{16})\.service$/m.exec(text)?.[1];
  if (timeZone === undefined || siteId === undefined) return undefined;
  const hours = restartHours.find((each) => text.includes(` 00/${each}:00:00 `));
  if (hours !== undefined) return { siteId, restart: { every: 'hours', hours, timeZone } };
  return { siteId, restart: { every: 'day', minute: Number(first) * 60 + Number(second), timeZone } };
}

/** Asks the agent to start the application anew, so that no request is lost by it. */
export function renderTimer({ slug, siteId }: Pick<SiteSpec, 'slug' | 'siteId'>, restart: AppTimedRestart): string {
  return [
    `# Starts the application of ${slug} anew. Written by aaPanel · كتبته لوحة aaPanel`,
    '[Unit]',
    `Description=aaPanel: timed restart of the application of ${plain(slug)}`,
    '',
    '[Timer]',
    `OnCalendar=${calendarOf(restart)}`,
    `Unit=${restartService(siteId)}`,
    'AccuracySec=1s',
    'Persistent=no',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n');
}

export type Variable = { readonly name: string; readonly value: string };

/** As systemd reads an `EnvironmentFile`. */
export function renderEnvironment(variables: readonly Variable[]): string {
  return variables.map(({ name, value }) => `${name}="${value.replace(/[\\"`$]/g, '\\$&')}"\n`).join('');
}

/** The other way round, for where systemd is not. Only what `renderEnvironment` wrote. */
export function readEnvironment(text: string): Variable[] {
  return [...text.matchAll(/^([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\[\s\S])*)"$/gm)].map(([, name, value]) => ({
    name: name ?? '',
    value: (value ?? '').replace(/\\([\s\S])/g, '$1'),
  }));
}
