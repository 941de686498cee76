import { statSync } from 'node:fs';
import type { MachineUpdates } from '#shared/software.ts';
import { listNames, look, readText } from '../core/files.ts';
import { findProgram, run } from '../core/run.ts';
import { findApt, planUpgrade } from './apt.ts';

const mostItems = 2_000;
const longest = 200;

/** What waits to be installed, by the lists that are there. Nothing is fetched. */
export async function readUpdates(prefix: string): Promise<MachineUpdates> {
  const apt = findApt(prefix);
  const restart = readRestart(prefix);
  if (apt === undefined)
    return { hasApt: false, fetchedAt: null, items: [], isInterrupted: false, restart, automatic: 'not_installed' };
  const [plan, automatic] = await Promise.all([planUpgrade(apt), readAutomatic(prefix)]);
  return {
    hasApt: true,
    fetchedAt: fetchedAt(prefix),
    items: updatesOf(plan),
    // Its journal: numbered files that are gone when it ends well.
    isInterrupted: listNames(`${prefix}/var/lib/dpkg/updates`).some((name) => /^\d+$/.test(name)),
    restart,
    automatic,
  };
}

/**
 * Lines such as `Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable, Debian-Security:12/oldstable-security
 * [amd64]) []`. Security comes from a place whose suite ends so; Debian and Ubuntu both name it like that.
 */
export function updatesOf(plan: string): MachineUpdates['items'] {
  const found = [...plan.matchAll(/^Inst ([a-z0-9][a-z0-9+.:-]*) (?:\[([\w.+~:-]+)\] )?\(([\w.+~:-]+) ([^()[\]]*)/gm)];
  const items = found.map(([, name = '', from, to = '', places = '']) => ({
    name: name.slice(0, longest),
    from: from?.slice(0, longest) ?? null,
    to: to.slice(0, longest),
    isSecurity: places.split(',').some((place) => place.trim().endsWith('-security')),
  }));
  return items
    .sort((one, other) => Number(other.isSecurity) - Number(one.isSecurity) || (one.name < other.name ? -1 : 1))
    .slice(0, mostItems);
}

/** What packages leave there when a new kernel or library is used by nobody until the machine starts anew. */
function readRestart(prefix: string): MachineUpdates['restart'] {
  const isNeeded = look(`${prefix}/run/reboot-required`).type === 'file';
  const names = isNeeded ? (readText(`${prefix}/run/reboot-required.pkgs`) ?? '').split('\n') : [];
  const packages = [...new Set(names.map((name) => name.trim()))].filter((name) =>
    /^[a-z0-9][a-z0-9+.:-]*$/.test(name),
  );
  return { isNeeded, packages: packages.sort().slice(0, 200) };
}

/** APT changes the folder of its lists each time it fetches them. */
function fetchedAt(prefix: string): string | null {
  const stats = statSync(`${prefix}/var/lib/apt/lists`, { throwIfNoEntry: false });
  return stats === undefined ? null : stats.mtime.toISOString();
}

/** As the daily run of APT reads it: `0` and nothing are off, a number of days or `always` are on. */
export async function readAutomatic(prefix: string): Promise<MachineUpdates['automatic']> {
  const config = findProgram('apt-config', prefix);
  if (config === undefined || findProgram('unattended-upgrade', prefix) === undefined) return 'not_installed';
  const { stdout } = await run(config, ['dump', 'APT::Periodic'], { timeoutMs: 5_000 });
  const said = (name: string): string | undefined =>
    new RegExp(`^APT::Periodic::${name} "([^"]*)";$`, 'm').exec(stdout)?.[1];
  const isOff = (value: string | undefined): boolean => value === undefined || value === '' || value === '0';
  return said('Enable') === '0' || isOff(said('Unattended-Upgrade')) ? 'off' : 'on';
}
