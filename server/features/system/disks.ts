import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { SystemSample } from '#shared/system.ts';
import { parseMounts, type Mount } from './proc.ts';

type Disk = SystemSample['disks'][number];

/** Disks fill slowly: one look serves this long. */
const keptMs = 10_000;
/** A file system that does not answer must not keep the sample waiting. */
const patienceMs = 1_000;

/** Asks the file systems at most every ten seconds; between two looks the last answer stands. */
export function createDiskReader(): () => Promise<Disk[]> {
  let last: { readonly at: number; readonly disks: Promise<Disk[]> } | undefined;
  return () => {
    const now = performance.now();
    if (last === undefined || now - last.at > keptMs) last = { at: now, disks: readDisks() };
    return last.disks;
  };
}

async function readDisks(): Promise<Disk[]> {
  let mounts: Mount[];
  try {
    mounts = parseMounts(readFileSync('/proc/self/mounts', 'utf8'));
  } catch {
    return [];
  }
  const disks = await Promise.all(mounts.map(readDisk));
  return disks.filter((disk) => disk !== undefined);
}

async function readDisk({ mount, device, fsType }: Mount): Promise<Disk | undefined> {
  const late = new Promise<undefined>((resolve) => void setTimeout(resolve, patienceMs, undefined).unref());
  const stats = await Promise.race([statfs(mount).catch(() => undefined), late]);
  if (stats === undefined || stats.blocks === 0) return undefined;
  return {
    mount,
    device,
    fsType,
    totalBytes: stats.blocks * stats.bsize,
    // As df does: what is kept for root counts neither as used nor as available.
    usedBytes: (stats.blocks - stats.bfree) * stats.bsize,
    availableBytes: stats.bavail * stats.bsize,
    inodesTotal: stats.files,
    inodesUsed: stats.files - stats.ffree,
  };
}
