import type { SitePhp } from '#shared/site-php.ts';
import { apart } from '../core/apart.ts';
import { listNames, look, readText, removeFile, trimLog } from '../core/files.ts';
import { logLine, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { plain, quoted } from '../core/unit-text.ts';
import { nginxLock } from '../nginx/nginx.process.ts';
import { reloadUnits } from './php.apart.ts';
import { mainSetting } from './php.check.ts';
import { ownFpmOf, sharedFpm, socketFolder, type Fpm } from './php.paths.ts';
import { ownFpms, startLinks, unitPathOf } from './php.pools.ts';
import { findFpmMaster, startFpm, stopFpm, takeUpPoolsNow } from './php.process.ts';

/*
 * PHP of one site by a master of its own: its domain is no other site's (core/apart.ts), and so are its cache and its end. The
 * texts are pure.
 */

const largestLog = 1024 * 1024;
const keptOfLog = 256 * 1024;

/** The whole configuration. `log`: of whoever only checks it, for it is opened then too. */
export function ownMainText(fpm: Fpm, pool: string, log = fpm.log): string {
  const lines = [
    '[global]',
    `pid = "${fpm.pid}"`,
    `error_log = "${log}"`,
    // Requests under way end in peace when it begins anew.
    'process_control_timeout = 5s',
    pool,
  ];
  return lines.join('\n');
}

/** For a candidate: what is opened for it is there already. */
export function ownCandidate(fpm: Fpm, pool: string): string {
  return ownMainText(fpm, pool, mainSetting(sharedFpm(fpm.prefix, fpm.version), 'error_log'));
}

export function renderOwnUnit(
  before: readonly string[],
  fpm: Fpm,
  siteId: string,
  { memoryMb, cpuPercent }: SitePhp['limits'],
): string {
  const { version, slug, main } = fpm;
  const shared = sharedFpm('', version).service;
  const program = `/usr/sbin/php-fpm${version}`;
  const start = [...before, program, '--nodaemonize', '--fpm-config', main].map(quoted).join(' ');
  return [
    `# PHP of the site ${slug} (${siteId}). Written by aaPanel; changes by hand are noticed and never lost silently.`,
    '# كتبته لوحة aaPanel. أي تعديل يدوي يُكتشف ولا يُستبدل دون علمك.',
    '[Unit]',
    `Description=PHP ${version} of ${plain(slug ?? '')} (aaPanel)`,
    'After=network.target',
    // An update or another extension of this version restarts that one: this one begins anew with it.
    `PartOf=${shared}`,
    `ReloadPropagatedFrom=${shared}`,
    '',
    '[Service]',
    'Type=notify',
    `ExecStart=${start}`,
    'ExecReload=/bin/kill -USR2 $MAINPID',
    'Restart=on-failure',
    'RestartSec=2',
    // One process that wants too much is ended, and the others go on.
    ...(memoryMb === null ? [] : [`MemoryMax=${memoryMb}M`, 'MemorySwapMax=0', 'OOMPolicy=continue']),
    ...(cpuPercent === null ? [] : [`CPUQuota=${cpuPercent}%`]),
    // Not NoNewPrivileges: what PHP sends mail with changes its group.
    '# What PHP can do without.',
    'ProtectSystem=full',
    'ProtectControlGroups=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'RestrictRealtime=yes',
    // What they start runs outside of this unit, and reaches what is kept from it.
    'InaccessiblePaths=-/usr/bin/crontab -/usr/bin/at -/usr/bin/batch',
    '',
    '[Install]',
    `WantedBy=multi-user.target ${shared}`,
    '',
  ].join('\n');
}

/** null: nobody would read it. */
export function ownUnitText(
  { hasSystemd }: Pick<Machine, 'hasSystemd'>,
  fpm: Fpm,
  siteId: string,
  limits: SitePhp['limits'],
): string | null {
  return hasSystemd ? renderOwnUnit(apart(), fpm, siteId, limits) : null;
}

/** The folders and links around the files, in the order in which they are made. */
export function ownWants(
  { prefix, hasSystemd }: Pick<Machine, 'prefix' | 'hasSystemd'>,
  fpm: Fpm,
  owner: { readonly uid: number; readonly gid: number },
): { readonly folders: Want[]; readonly links: Want[] } {
  const folder = (path: string): Want => ({ kind: 'folder', path: prefix + path, mode: 0o755, ...owner });
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
  const links = hasSystemd ? startLinks(fpm) : [];
  const unitFolders = hasSystemd ? ['/etc/systemd', parentOf(unitPathOf(fpm)), ...links.map(parentOf)] : [];
  return {
    folders: [parentOf(fpm.main).slice(prefix.length), ...unitFolders].map(folder),
    links: links.map((path) => ({ kind: 'link', path: prefix + path, target: `../${fpm.service}`, shownAs: path })),
  };
}

/** Whether systemd has to read it anew once it is written. */
export function isOwnUnitNew({ prefix }: Pick<Machine, 'prefix'>, fpm: Fpm, text: string | null): boolean {
  return text !== null && readText(prefix + unitPathOf(fpm)) !== text;
}

/** A master that no site wants any more, with all that it leaves. */
export async function endOwnFpm(machine: Pick<Machine, 'prefix' | 'hasSystemd'>, fpm: Fpm): Promise<void> {
  await stopFpm(machine, fpm);
  if (findFpmMaster(fpm) === undefined) for (const path of [fpm.pid, fpm.log]) removeFile(path);
}

/** Run, or left something behind, and no site wants them. */
export function strayFpms(machine: Pick<Machine, 'prefix' | 'stateFolder'>): Fpm[] {
  const { prefix } = machine;
  const wanted = new Set(ownFpms(machine).map(({ main }) => main));
  const names = [...listNames(prefix + socketFolder), ...listNames(`${prefix}/var/log`)];
  const seen = names.flatMap((name) => ownFpmOf(prefix, name) ?? []).filter(({ main }) => !wanted.has(main));
  return [...new Map(seen.map((fpm) => [fpm.main, fpm])).values()];
}

/** After a crash, with the old files in place. What nobody wants any more is left until nginx has let go of it. */
export async function takeUpPhpNow(host: Pick<Machine, 'prefix' | 'hasSystemd' | 'stateFolder'>): Promise<void> {
  if (strayFpms(host).length > 0 || ownFpms(host).length > 0) await reloadUnits(host);
  await takeUpPoolsNow(host);
}

/**
 * For the start of the agent: one that was killed after a change has left a master that nobody wants, and where systemd is not
 * somebody has to start those of the sites after the machine did.
 */
export async function settleOwnFpms(machine: Machine): Promise<void> {
  const toStart = (): Fpm[] =>
    machine.hasSystemd ? [] : ownFpms(machine).filter((fpm) => findFpmMaster(fpm) === undefined);
  for (const { log } of ownFpms(machine)) if (look(log).type === 'file') trimLog(log, largestLog, keptOfLog);
  if (strayFpms(machine).length === 0 && toStart().length === 0) return;
  await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, async () => {
    for (const fpm of strayFpms(machine)) await endOwnFpm(machine, fpm);
    for (const fpm of toStart()) {
      const complaint = await startFpm(machine, fpm);
      if (complaint !== undefined) logLine('error', 'PHP of a site did not start', { slug: fpm.slug, complaint });
    }
  });
}
