// Bare root file systems of Debian and Ubuntu, made by mmdebstrap and kept in a cache. Nothing of ours is inside: what the panel needs
// its installer must bring.
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, run } from './host.ts';
import { ubuntuKeyring } from './ubuntu-keyring.ts';

/** Releases of Debian, tried in every run. */
export const suites = ['bookworm', 'trixie'] as const;
/** Releases of Ubuntu, tried when they are asked for. */
export const ubuntuSuites = ['jammy', 'noble'] as const;
type UbuntuSuite = (typeof ubuntuSuites)[number];
export type Suite = (typeof suites)[number] | UbuntuSuite;

const isUbuntu = (suite: Suite): suite is UbuntuSuite => ubuntuSuites.some((each) => each === suite);

/** Root file systems and downloaded packages; may be deleted at any time when no test runs. */
export const cacheFolder = process.env['AAPANEL_TESTBED_CACHE'] ?? defaultCache();

/** Where /var/cache is read-only or somebody else's, a folder that only root can have prepared. */
function defaultCache(): string {
  for (const parent of ['/var/cache', '/var/tmp', '/tmp']) {
    const folder = join(parent, 'aapanel-testbed');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      accessSync(folder, constants.W_OK);
      const { uid, mode } = lstatSync(folder);
      if (uid === process.getuid?.() && (mode & 0o022) === 0) return folder;
    } catch {
      // The next one.
    }
  }
  throw new Error('no folder for root file systems: set AAPANEL_TESTBED_CACHE');
}

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
const ubuntuArchive = 'http://archive.ubuntu.com/ubuntu';

/** Signed by what the package ubuntu-keyring puts into /etc/apt/trusted.gpg.d, as on a fresh Ubuntu. */
function ubuntuSources(suite: UbuntuSuite): string {
  const line = (uri: string, name: string): string => `deb ${uri} ${name} main universe\n`;
  return (
    line(ubuntuArchive, suite) +
    line(ubuntuArchive, `${suite}-updates`) +
    line('http://security.ubuntu.com/ubuntu', `${suite}-security`)
  );
}

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

/** In Ubuntu 22.04 a part of systemd stands before the name servers that the machine is given. */
const customiseUbuntu = [
  customise,
  'ln -sf /dev/null "$1/etc/systemd/system/systemd-resolved.service"',
  'rm -f "$1/etc/resolv.conf"; : > "$1/etc/resolv.conf"',
].join('\n');

/** Path of a ready root file system; made when missing or too old (20 to 50 s). */
export async function rootfs(suite: Suite): Promise<string> {
  // What Debian's minimal variant has by itself.
  const packages = [...basePackages, ...(isUbuntu(suite) ? ['apt', 'tzdata', 'ubuntu-keyring'] : [])];
  const hook = isUbuntu(suite) ? customiseUbuntu : customise;
  const sources = isUbuntu(suite) ? ubuntuSources(suite) : sourcesText(suite, await mirrors());
  const key = createHash('sha256')
    .update(JSON.stringify([packages, sources, hook]))
    .digest('hex')
    .slice(0, 12);
  const target = join(cacheFolder, `${suite}-${key}`);
  if (existsSync(target) && (await ageMs(target)) < maximumAgeMs) return target;
  await mkdir(cacheFolder, { recursive: true, mode: 0o755 });
  await removeLeftOvers();
  const part = `${target}.part-${process.pid}`;
  // The ending says in which of apt's two forms it is written.
  const sourcesFile = `${part}.${isUbuntu(suite) ? 'list' : 'sources'}`;
  await writeFile(sourcesFile, sources);
  try {
    // In a mount namespace of its own and ended with us: a killed run leaves files, never a mounted /proc or a process.
    const tool = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private', 'mmdebstrap'];
    await must(
      'setpriv',
      [
        ...tool,
        '--quiet',
        '--variant=minbase',
        '--skip=output/dev',
        '--format=directory',
        ...(isUbuntu(suite) ? [`--keyring=${await ubuntuKeyring(cacheFolder, ubuntuArchive)}`] : []),
        `--include=${packages.join(',')}`,
        '--aptopt=Acquire::Languages "none"',
        `--customize-hook=${hook}`,
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
    await rm(part, { recursive: true, force: true });
    await removeLeftOvers();
  }
  return target;
}

/** Parts of killed runs, and root file systems of former times that no running machine stands on. */
async function removeLeftOvers(): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8');
  for (const name of await readdir(cacheFolder)) {
    const path = join(cacheFolder, name);
    const builder = /\.part-(\d+)/.exec(name)?.[1];
    const isOurs = builder !== undefined || /^[a-z]+-[0-9a-f]{12}(\.old-\d+)?$/.test(name);
    if (!isOurs || (builder !== undefined && existsSync(`/proc/${builder}`))) continue;
    const isOld = builder !== undefined || name.includes('.old-') || (await ageMs(path)) > maximumAgeMs;
    if (isOld && !mounts.includes(path.replace(/\.old-\d+$/, ''))) await run('rm', ['-rf', '--one-file-system', path]);
  }
}

async function ageMs(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
}
