import { readFileSync, statfsSync } from 'node:fs';
import { swapMib, type MachineSettings } from '#shared/machine-settings.ts';

/*
 * The panel's swap is one file in a folder of its own, named by its size: a new size is a new file, so that the old one
 * is there until the new one is in use. Signs in the name need no escaping in the name of systemd's unit.
 */

export const mib = 1_048_576;
export const swapFolder = '/var/swap';
const namePattern = /^\/var\/swap\/aapanel_(\d{1,6})\.img$/;

export const swapFile = (size: number): string => `${swapFolder}/aapanel_${size}.img`;

/** MiB by the file's own name; undefined for any other file. */
export function sizeInName(path: string): number | undefined {
  const size = namePattern.exec(path)?.[1];
  return size === undefined ? undefined : Number(size);
}

export function readSwap(prefix: string): MachineSettings['swap'] {
  const areas = listAreas(prefix);
  const own = areas.find(({ isOurs }) => isOurs);
  return { areas, ownMib: own === undefined ? 0 : (sizeInName(own.path) ?? 0), mostMib: mostMib(prefix) };
}

/** What the kernel swaps to now. */
export function listAreas(prefix: string): MachineSettings['swap']['areas'] {
  let text = '';
  try {
    text = readFileSync('/proc/swaps', 'utf8');
  } catch {
    // A kernel without swap.
  }
  const lines = text.split('\n').slice(1);
  return lines.flatMap((line) => {
    const [path, kind, size, used] = line.split(/\s+/);
    if (path === undefined || used === undefined || (kind !== 'file' && kind !== 'partition')) return [];
    // Spaces and the like stand there as octal numbers.
    const whole = path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
    const shown = prefix !== '' && whole.startsWith(`${prefix}/`) ? whole.slice(prefix.length) : whole;
    const isOurs = whole === prefix + shown && sizeInName(shown) !== undefined;
    return [{ path: shown, kind, sizeBytes: Number(size) * 1_024, usedBytes: Number(used) * 1_024, isOurs }];
  });
}

/** ext2 to ext4, and XFS: swap in a file of others needs steps of their own, or is impossible. */
const fitting = new Set([0xef53, 0x58465342]);
/** Stays free whatever is asked for. */
const reserveBytes = 1_024 * mib;

/** The file that is there would go for a larger one, but only afterwards: its room does not count. */
export function mostMib(prefix: string): number {
  try {
    const { type, bavail, bsize } = statfsSync(`${prefix}/var`);
    if (!fitting.has(type)) return 0;
    return Math.max(0, Math.min(swapMib.most, Math.floor((bavail * bsize - reserveBytes) / mib)));
  } catch {
    return 0;
  }
}
