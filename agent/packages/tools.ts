import { toolNames, type Tool, type ToolName } from '#shared/software.ts';
import { look } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { poll } from '../nginx/nginx.process.ts';
import { selfOwner } from '../sites/site-records.ts';

/*
 * Programs that need nothing of us besides their packages: they come from the distribution with its own settings, and
 * those that are services run from then on.
 */

/** Where the packages of PHP by Ondřej Surý come from, once they are wanted (`sury.ts`). */
export const suryList = '/etc/apt/sources.list.d/aapanel-sury.sources';

type ToolFacts = {
  readonly packages: readonly [string, ...string[]];
  /** By which it is seen that somebody has installed it: a name, or the whole path of what is no program. */
  readonly program: string;
  /** Unit of systemd and script of init, without `.service`; null for what runs only when it is called. */
  readonly unit: string | null;
};

export const tools: Readonly<Record<ToolName, ToolFacts>> = {
  // The service is the one that fetches its signatures.
  clamav: { packages: ['clamav', 'clamav-freshclam'], program: 'clamscan', unit: 'clamav-freshclam' },
  composer: { packages: ['composer'], program: 'composer', unit: null },
  docker: { packages: ['docker.io'], program: 'dockerd', unit: 'docker' },
  // To read the journal, where sshd writes on machines without a syslog.
  fail2ban: { packages: ['fail2ban', 'python3-systemd'], program: 'fail2ban-server', unit: 'fail2ban' },
  // With what it needs to reach repositories over SSH and HTTPS.
  git: { packages: ['git', 'openssh-client', 'ca-certificates'], program: 'git', unit: null },
  memcached: { packages: ['memcached'], program: 'memcached', unit: 'memcached' },
  'nginx-brotli': {
    packages: ['libnginx-mod-http-brotli-filter'],
    program: '/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so',
    unit: null,
  },
  redis: { packages: ['redis-server'], program: 'redis-server', unit: 'redis-server' },
  ripgrep: { packages: ['ripgrep'], program: 'rg', unit: null },
  // No program: one more source of packages (`sury.ts`).
  sury: { packages: ['sury'], program: suryList, unit: null },
  'unattended-upgrades': { packages: ['unattended-upgrades'], program: 'unattended-upgrade', unit: null },
  // What signs the certificate that its connections begin with.
  vsftpd: { packages: ['vsftpd', 'openssl'], program: 'vsftpd', unit: 'vsftpd' },
};

/** Whether what a tool or a program is known by is there. */
export function hasProgram(program: string, prefix: string): boolean {
  return program.startsWith('/') ? look(prefix + program).type === 'file' : findProgram(program, prefix) !== undefined;
}

type Say = (text: string) => void;

const startPatienceMs = 45_000;

/** Debian 12 lets it look for a log of sshd that a machine without syslog does not have, and it would not start. */
const sshJail = '/etc/fail2ban/jail.d/aapanel.conf';

export async function configureTool(machine: Machine, name: ToolName, say: Say): Promise<number> {
  if (name === 'vsftpd') await (await import('../ftp/ftp.settings.ts')).configureFtp(machine, say);
  if (name !== 'fail2ban') return 0;
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'fail2ban.configure',
    actor: 'agent',
    wants: [
      {
        kind: 'file',
        path: machine.prefix + sshJail,
        bytes: Buffer.from('# Of aaPanel: sshd writes into the journal.\n[sshd]\nbackend = systemd\n'),
        mode: 0o644,
        ...selfOwner(machine),
        shownAs: sshJail,
      },
    ],
  });
  say(sshJail);
  return 0;
}

/** Makes a service run now and with the machine. */
export async function startTool(machine: Machine, name: ToolName, say: Say): Promise<number> {
  const { unit } = tools[name];
  if (unit === null) return 0;
  const { systemctl, script } = startersOf(machine, unit);
  if (systemctl !== undefined) {
    await run(systemctl, ['enable', '--quiet', '--', `${unit}.service`], { timeoutMs: 30_000 });
    const { stderr } = await run(systemctl, ['start', '--', `${unit}.service`], { timeoutMs: startPatienceMs });
    if (stderr.trim() !== '') say(stderr.trim().slice(0, 2_000));
  } else if (script !== undefined) {
    const { stdout, stderr } = await run(script, ['start'], { timeoutMs: startPatienceMs });
    say(`${stdout}${stderr}`.trim().slice(0, 2_000));
  } else say('Nothing here starts services: it has to be started by hand.');
  return 0;
}

/** Looks at the effect: the program is there, and a service runs where systemd says so. */
export async function verifyTool(machine: Machine, name: ToolName, say: Say): Promise<number> {
  const isUp = async (): Promise<boolean> => {
    const [tool] = await readTools(machine, [name]);
    return tool !== undefined && tool.isInstalled && tool.isRunning !== false;
  };
  for (const endsAt = Date.now() + 10_000; Date.now() < endsAt; ) {
    if (await isUp()) break;
    await poll(() => false, Date.now() + 300);
  }
  const [tool] = await readTools(machine, [name]);
  if (tool?.isInstalled !== true) {
    say(`${name} is not installed.`);
    return 1;
  }
  say(`${name} ${tool.version ?? '?'}`);
  if (tool.isRunning !== false) return 0;
  say('Its service does not run; its journal says why.');
  return 1;
}

/** Which of them are there, by their programs, with the version of the package. */
export async function readTools(machine: Machine, names: readonly ToolName[] = toolNames): Promise<Tool[]> {
  const { prefix } = machine;
  const there = names.filter((name) => hasProgram(tools[name].program, prefix));
  const [versions, active] = await Promise.all([versionsOf(there, prefix), activeUnits(machine, there)]);
  return names.map((name) => {
    const isInstalled = there.includes(name);
    const { packages, unit } = tools[name];
    return {
      name,
      isInstalled,
      version: isInstalled ? (versions.get(packages[0]) ?? null) : null,
      unit: isInstalled && unit !== null && machine.hasSystemd ? `${unit}.service` : null,
      isRunning: isInstalled && unit !== null && active !== undefined ? active.has(unit) : null,
    };
  });
}

async function versionsOf(names: readonly ToolName[], prefix: string): Promise<Map<string, string>> {
  const query = findProgram('dpkg-query', prefix);
  if (query === undefined || names.length === 0) return new Map();
  const packages = names.map((name) => tools[name].packages[0]);
  const { stdout } = await run(query, ['-W', '-f', '${Package} ${Version}\\n', '--', ...packages], {
    timeoutMs: 10_000,
  });
  return new Map([...stdout.matchAll(/^(\S+) (\S+)$/gm)].map(([, name = '', version = '']) => [name, version]));
}

/** Undefined where no systemd could say. */
async function activeUnits(machine: Machine, names: readonly ToolName[]): Promise<Set<string> | undefined> {
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl === undefined) return undefined;
  const units = names.flatMap((name) => tools[name].unit ?? []);
  if (units.length === 0) return new Set();
  const asked = ['show', '--no-pager', '--property=Id,ActiveState', '--', ...units.map((unit) => `${unit}.service`)];
  const { stdout } = await run(systemctl, asked, { timeoutMs: 10_000 });
  const blocks = stdout.split('\n\n').filter((block) => /^ActiveState=(?:active|activating|reloading)$/m.test(block));
  return new Set(blocks.flatMap((block) => /^Id=(.+)\.service$/m.exec(block)?.[1] ?? []));
}

function startersOf(
  machine: Machine,
  unit: string,
): { readonly systemctl: string | undefined; readonly script: string | undefined } {
  const path = `${machine.prefix}/etc/init.d/${unit}`;
  return {
    systemctl: machine.hasSystemd ? findProgram('systemctl') : undefined,
    script: look(path).type === 'file' ? path : undefined,
  };
}
