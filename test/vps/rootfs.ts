// Bare Debian root file systems, made by mmdebstrap and kept in a cache. Nothing of ours is inside: what the panel needs
// its installer must bring.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, run } from './host.ts';

export const suites = ['bookworm', 'trixie'] as const;
export type Suite = (typeof suites)[number];

/** Root file systems and downloaded packages; may be deleted at any time when no test runs. */
export const cacheFolder = process.env['AAPANEL_TESTBED_CACHE'] ?? '/var/cache/aapanel-testbed';

/** What a hoster's minimal image carries. */
const basePackages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'libpam-systemd',
  'ca-certificates',
  'iproute2',
  'netbase',
  'procps',
  'sudo',
  'less',
  'cron',
  'logrotate',
  'curl',
  'openssh-server',
];

/** Older ones meet stale package lists inside the machine. */
const maximumAgeMs = 7 * 24 * 3600 * 1000;

type Mirrors = { main: string; security: string };

/** The Debian mirrors this host itself uses; Debian's own address when the host is not a Debian. */
async function mirrors(): Promise<Mirrors> {
  const format = '$(ORIGIN)|$(LABEL)|$(REPO_URI)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const rows = stdout.split('\n').map((line) => line.split('|'));
  const find = (label: string): string | undefined =>
    rows.find(([origin, rowLabel]) => origin === 'Debian' && rowLabel === label)?.[2];
  return {
    main: find('Debian') ?? 'http://deb.debian.org/debian',
    security: find('Debian-Security') ?? 'http://deb.debian.org/debian-security',
  };
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

function sourcesText(suite: Suite, { main, security }: Mirrors): string {
  const stanza = (uri: string, names: string): string =>
    `Types: deb\nURIs: ${uri}\nSuites: ${names}\nComponents: main\nSigned-By: ${keyring}\n`;
  return `${stanza(main, `${suite} ${suite}-updates`)}\n${stanza(security, `${suite}-security`)}`;
}

/** Shell run by mmdebstrap with the new root as $1: the host's own authorities, names, and no first-boot questions. */
const customise = [
  'if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then',
  '  cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/"',
  '  chroot "$1" update-ca-certificates >/dev/null; fi',
  'printf "127.0.0.1 localhost\\n127.0.1.1 vps\\n::1 localhost ip6-localhost\\n" > "$1/etc/hosts"',
  ': > "$1/etc/machine-id"; echo vps > "$1/etc/hostname"',
  'ln -sf /dev/null "$1/etc/systemd/system/systemd-firstboot.service"',
].join('\n');

/** Path of a ready root file system; made when missing or too old (20 to 50 s). */
export async function rootfs(suite: Suite, extraPackages: string[] = []): Promise<string> {
  const packages = [...basePackages, ...extraPackages];
  const sources = sourcesText(suite, await mirrors());
  const key = createHash('sha256')
    .update(JSON.stringify([packages, sources, customise]))
    .digest('hex')
    .slice(0, 12);
  const target = join(cacheFolder, `${suite}-${key}`);
  const isFresh = async (): Promise<boolean> =>
    existsSync(target) && Date.now() - (await stat(target)).mtimeMs < maximumAgeMs;
  if (await isFresh()) return target;
  await mkdir(cacheFolder, { recursive: true, mode: 0o755 });
  const part = `${target}.part-${process.pid}`;
  const sourcesFile = `${part}.sources`;
  await writeFile(sourcesFile, sources);
  try {
    await must(
      'mmdebstrap',
      [
        '--quiet',
        '--variant=minbase',
        '--skip=output/dev',
        '--format=directory',
        `--include=${packages.join(',')}`,
        '--aptopt=Acquire::Languages "none"',
        `--customize-hook=${customise}`,
        suite,
        part,
        sourcesFile,
      ],
      { timeoutMs: 600_000 },
    );
    await run('touch', [part]);
    if (existsSync(target)) await rename(target, `${target}.old-${process.pid}`);
    await rename(part, target);
  } finally {
    await rm(sourcesFile, { force: true });
    for (const name of await readdir(cacheFolder))
      if (name.startsWith(`${suite}-${key}.`) && name.endsWith(`-${process.pid}`))
        await rm(join(cacheFolder, name), { recursive: true, force: true });
  }
  return target;
}
