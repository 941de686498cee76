import type { SystemSample } from '#shared/system.ts';

export type Level = 'good' | 'warn' | 'bad';
type Disk = SystemSample['disks'][number];

const warnPercent = 85;
const badPercent = 95;

/** How full is too full, from 0 to 100. */
export function levelOf(percent: number): Level {
  if (percent >= badPercent) return 'bad';
  return percent >= warnPercent ? 'warn' : 'good';
}

/** Load against cores: with more waiting than cores everybody waits. */
export function loadLevel(load: number, cores: number): Level {
  if (cores <= 0 || load < cores) return 'good';
  return load < cores * 2 ? 'warn' : 'bad';
}

/** A share in percent, from 0 to 100; 0 of nothing. */
export function share(part: number, whole: number): number {
  if (!(whole > 0)) return 0;
  return Math.min(100, Math.max(0, (part / whole) * 100));
}

/** As `df` counts: what is kept for root is neither used nor free. */
export function bytesPercent({ usedBytes, availableBytes }: Disk): number {
  return share(usedBytes, usedBytes + availableBytes);
}

/** undefined where the file system has no fixed number of files (btrfs, vfat). */
export function inodesPercent({ inodesUsed, inodesTotal }: Disk): number | undefined {
  return inodesTotal > 0 ? share(inodesUsed, inodesTotal) : undefined;
}

/** A percentage as it is shown: 99.6 % full is not "100 %", and 0.4 % used is not "0 %". */
export function shownPercent(percent: number): number {
  if (percent > 99 && percent < 100) return 99;
  if (percent > 0 && percent < 1) return 1;
  return Math.round(percent);
}
