import { apart } from '../core/apart.ts';
import { listNames, look, readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import type { Want } from '../core/steps.ts';
import { quoted } from '../core/unit-text.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { nginxLock } from '../nginx/nginx.process.ts';
import { selfOwner } from '../sites/site-records.ts';
import { phpPaths } from './php.paths.ts';
import { installedVersions, sitesWith } from './php.versions.ts';

/*
 * The FPM of a version is started through what keeps it from abstract sockets of others (core/apart.ts), by a file beside the
 * distribution's unit. PHP of all sites of a version has one master, so one domain, but for those with a master of their own (php.own.ts). It counts from the next start of FPM on:
 * one that runs is never started anew for it.
 */

type Where = Pick<Machine, 'prefix' | 'hasSystemd'>;

/** Of packages; `/lib` is a link to it. */
const unitFolder = '/usr/lib/systemd/system';
const dropInFolder = (version: string): string => `/etc/systemd/system/${phpPaths('', version).service}.d`;
const ownName = 'aapanel.conf';

/**
 * Pure. undefined: it is not known how FPM is started here, or somebody's filter of system calls (in the unit or beside it)
 * could end what stands before it.
 */
export function renderPhpUnit(before: readonly string[], unit: string, beside: readonly string[]): string | undefined {
  if ([unit, ...beside].some((text) => text.includes('SystemCallFilter'))) return undefined;
  const starts = [...unit.matchAll(/^ExecStart=(.*)$/gm)].map(([, command]) => command ?? '');
  const [start = ''] = starts;
  // Absolute, on one line, and with none of the marks that systemd knows before a program.
  if (starts.length !== 1 || !/^\/[^\\]+$/.test(start)) return undefined;
  return [
    '# Of aaPanel: PHP reaches no abstract socket of programs outside of it. Without this file FPM starts as before.',
    '# من aaPanel: لا يصل PHP إلى مقبس مجرد لبرامج خارجه. وبدون هذا الملف يبدأ FPM كما كان.',
    '[Service]',
    'ExecStart=',
    `ExecStart=${before.map(quoted).join(' ')} ${start}`,
    '',
  ].join('\n');
}

function textOf({ prefix, hasSystemd }: Where, version: string): string | undefined {
  const before = apart();
  if (!hasSystemd || before.length === 0) return undefined;
  const folder = prefix + dropInFolder(version);
  try {
    if (look(`${folder}/${ownName}`).type === 'link') return undefined;
    const unit = readText(`${prefix}${unitFolder}/${phpPaths(prefix, version).service}`) ?? '';
    const beside = listNames(folder).filter((name) => name !== ownName && name.endsWith('.conf'));
    return renderPhpUnit(
      before,
      unit,
      beside.map((name) => readText(`${folder}/${name}`) ?? ''),
    );
  } catch {
    // A link, which may say anything: no site fails for that.
    return undefined;
  }
}

/** Beside the distribution's unit, which stays as it is. */
export function phpUnitWants(
  where: Where,
  version: string,
  owner: { readonly uid: number; readonly gid: number },
): Want[] {
  const text = textOf(where, version);
  if (text === undefined) return [];
  const folder = dropInFolder(version);
  const path = `${folder}/${ownName}`;
  return [
    { kind: 'folder', path: where.prefix + folder, mode: 0o755, ...owner },
    { kind: 'file', path: where.prefix + path, bytes: Buffer.from(text), mode: 0o644, ...owner, shownAs: path },
  ];
}

/** Whether systemd has to read it anew once it is written. */
export function isPhpUnitNew(where: Where, version: string): boolean {
  const text = textOf(where, version);
  return text !== undefined && readText(`${where.prefix}${dropInFolder(version)}/${ownName}`) !== text;
}

/** For the start of the agent: of versions that sites use, where an earlier one of us did not write it yet. */
export async function settlePhpUnits(machine: Machine): Promise<void> {
  if (!machine.hasSystemd) return;
  for (const version of installedVersions(machine.prefix)) {
    if (!isPhpUnitNew(machine, version) || sitesWith(machine, version).length === 0) continue;
    await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, () =>
      machine.engine.run({
        changeId: newChangeId(),
        action: 'php.configure',
        actor: 'agent',
        wants: phpUnitWants(machine, version, selfOwner(machine)),
      }),
    );
    await reloadUnits(machine);
  }
}

export async function reloadUnits({ hasSystemd }: Where): Promise<void> {
  const systemctl = hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) await run(systemctl, ['daemon-reload'], { timeoutMs: 30_000 });
}
