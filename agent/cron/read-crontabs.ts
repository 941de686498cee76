import type { CrontabEntry } from '#shared/cron.ts';
import { listNames, look, readBytes } from '../core/files.ts';
import { listAccounts, type Machine } from '../core/machine.ts';
import { allRecords } from '../sites/site-records.ts';
import { parseCrontab } from './crontab.ts';

/* The crontabs that cron(8) of Debian reads. They are looked at and left as they are: links are not followed. */

const maxBytes = 512 * 1024;
/** run-parts and cron.d leave other names out. */
const plainName = /^[A-Za-z0-9_-]+$/;

type Where = Pick<Machine, 'prefix' | 'stateFolder'>;

export function readCrontabs(machine: Where, most: number): { items: CrontabEntry[]; isCut: boolean } {
  const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { prefix } = machine;
  const system = [
    '/etc/crontab',
    ...listNames(`${prefix}/etc/cron.d`)
      .filter((name) => plainName.test(name))
      .sort()
      .map((name) => `/etc/cron.d/${name}`),
  ];
  const spool = '/var/spool/cron/crontabs';
  const own = listNames(prefix + spool).sort();
  const entries = [
    ...system.flatMap((path) => parseCrontab({ source: path, text: textOf(prefix + path), user: null, timeZone })),
    ...own.flatMap((user) =>
      parseCrontab({ source: `crontab ${user}`, text: textOf(`${prefix}${spool}/${user}`), user, timeZone }),
    ),
  ];
  const users = new Set(listAccounts().map(({ name }) => name));
  const sites = new Map([...allRecords(machine).values()].map(({ linuxUser, siteId }) => [linuxUser, siteId]));
  const items = entries.slice(0, most).map((entry): CrontabEntry => {
    const { user, problem } = entry;
    if (user === null) return entry;
    if (problem === null && !users.has(user)) return { ...entry, script: '', problem: 'user' };
    return { ...entry, siteId: sites.get(user) ?? null };
  });
  return { items, isCut: entries.length > most };
}

function textOf(path: string): string {
  const found = look(path);
  if (found.type !== 'file' || found.size > maxBytes) return '';
  return readBytes(path, maxBytes)?.toString('utf8') ?? '';
}
