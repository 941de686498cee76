/*
 * What the kernel says in /proc, as pure functions of its text. Formats: proc(5), Documentation/admin-guide/iostats.rst.
 */

/** Ticks of one CPU since boot; their unit does not matter, only shares are used. */
export type CpuTimes = { readonly busy: number; readonly total: number };

/** `/proc/stat`: all CPUs together and each alone. Guest time is part of user time already. */
export function parseStat(text: string): { readonly all: CpuTimes; readonly cores: readonly CpuTimes[] } {
  const lines = text.split('\n').filter((line) => line.startsWith('cpu'));
  const times = (line: string | undefined): CpuTimes => {
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = (line ?? '')
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const busy = user + nice + system + irq + softirq + steal;
    return { busy, total: busy + idle + iowait };
  };
  return { all: times(lines[0]), cores: lines.slice(1).map(times) };
}

/** Percent busy between two readings; null when no time passed. Counters of a hot-plugged CPU may fall: never below 0. */
export function cpuPercent(before: CpuTimes | undefined, now: CpuTimes): number | null {
  if (before === undefined || now.total <= before.total) return null;
  const share = (now.busy - before.busy) / (now.total - before.total);
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
}

export type Memory = {
  readonly memory: { totalBytes: number; usedBytes: number; availableBytes: number; cachedBytes: number };
  readonly swap: { totalBytes: number; usedBytes: number };
};

/** `/proc/meminfo`. Used is what programs could not get: total minus available (kernels before 3.14: free and caches). */
export function parseMeminfo(text: string): Memory {
  const values = new Map(
    text.split('\n').map((line) => {
      const [name = '', value = '0'] = line.split(/:\s+/);
      return [name, Number.parseInt(value, 10) * 1024] as const;
    }),
  );
  const get = (name: string) => values.get(name) ?? 0;
  const totalBytes = get('MemTotal');
  const cachedBytes = get('Cached') + get('Buffers') + get('SReclaimable');
  const availableBytes = Math.min(totalBytes, values.get('MemAvailable') ?? get('MemFree') + cachedBytes);
  return {
    memory: { totalBytes, usedBytes: totalBytes - availableBytes, availableBytes, cachedBytes },
    swap: { totalBytes: get('SwapTotal'), usedBytes: Math.max(0, get('SwapTotal') - get('SwapFree')) },
  };
}

/** `/proc/loadavg`: over 1, 5 and 15 minutes. */
export function parseLoadavg(text: string): [number, number, number] {
  const [one = 0, five = 0, fifteen = 0] = text.split(' ').map(Number);
  return [one, five, fifteen];
}

/** `/proc/uptime` in seconds. */
export function parseUptime(text: string): number {
  return Number.parseFloat(text) || 0;
}

/** Bytes since boot. */
export type Counters = ReadonlyMap<string, { readonly one: number; readonly two: number }>;

/** Whole disks: their partitions and the layers above them would count the same bytes twice. */
const wholeDisk = /^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|hd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/;
const sectorBytes = 512;

/** `/proc/diskstats`: bytes read and written of each disk. */
export function parseDiskstats(text: string): Counters {
  const disks = text.split('\n').map((line) => line.trim().split(/\s+/));
  const names = new Set(disks.map((fields) => fields[2] ?? ''));
  return new Map(
    disks.flatMap((fields) => {
      const name = fields[2] ?? '';
      // Some virtual machines show partitions (xvda1) without their disk.
      const isDisk =
        wholeDisk.test(name) || (/^(xvd|sd|vd)[a-z]+\d+$/.test(name) && !names.has(name.replace(/\d+$/, '')));
      if (!isDisk) return [];
      return [[name, { one: Number(fields[5]) * sectorBytes, two: Number(fields[9]) * sectorBytes }] as const];
    }),
  );
}

/** Links inside the machine: their bytes are seen again on the real one, or never leave. */
const innerLink = /^(lo|veth|docker|br-|virbr|cni|flannel|cali|tap|ifb|dummy|nlmon|sit|tunl|gre|ip6)/;

/** `/proc/net/dev`: bytes received and sent of each link to the outside. */
export function parseNetDev(text: string): Counters {
  return new Map(
    text
      .split('\n')
      .slice(2)
      .flatMap((line) => {
        const [name, rest] = line.trim().split(/:\s*/);
        if (name === undefined || rest === undefined || innerLink.test(name)) return [];
        const fields = rest.split(/\s+/).map(Number);
        return [[name, { one: fields[0] ?? 0, two: fields[8] ?? 0 }] as const];
      }),
  );
}

/** Per second between two readings; counters that began again (a replaced disk, a new link) give 0. */
export function rates(
  before: Counters | undefined,
  now: Counters,
  seconds: number,
): { name: string; one: number; two: number }[] {
  const perSecond = (from: number | undefined, to: number) =>
    from === undefined || seconds <= 0 || to < from ? 0 : Math.round((to - from) / seconds);
  return [...now].map(([name, { one, two }]) => {
    const old = before?.get(name);
    return { name, one: perSecond(old?.one, one), two: perSecond(old?.two, two) };
  });
}

export type Mount = { readonly mount: string; readonly device: string; readonly fsType: string };

/** File systems with bytes of their own on this machine. Network ones are left out: asking a dead server hangs. */
const realTypes = new Set([
  'bcachefs',
  'btrfs',
  'exfat',
  'ext2',
  'ext3',
  'ext4',
  'f2fs',
  'jfs',
  'ntfs',
  'ntfs3',
  'overlay',
  'reiserfs',
  'ufs',
  'vfat',
  'xfs',
  'zfs',
]);

/** `/proc/self/mounts`: one line per device, the shortest path of it; pseudo file systems and bind mounts are skipped. */
export function parseMounts(text: string): Mount[] {
  const found = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const [device = '', rawMount = '', fsType = ''] = line.split(' ');
    if (!realTypes.has(fsType)) continue;
    const mount = unescapeMount(rawMount);
    // Only the root of a container is a disk of this machine; others are containers of somebody else.
    if (fsType === 'overlay' && mount !== '/') continue;
    if (/^\/(proc|sys|dev|run|snap)(\/|$)/.test(mount)) continue;
    const key = fsType === 'overlay' ? 'overlay:/' : device;
    const known = found.get(key);
    if (known === undefined || mount.length < known.mount.length)
      found.set(key, { mount, device: unescapeMount(device), fsType });
  }
  return [...found.values()].sort((a, b) => (a.mount < b.mount ? -1 : 1)).slice(0, 64);
}

/** Blank, tab, line feed and backslash are octal there (getmntent(3)). */
function unescapeMount(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** `/proc/cpuinfo`: the name of the processor, or '' where the kernel gives none (many ARM machines). */
export function parseCpuModel(text: string): string {
  return /^(?:model name|Model|Hardware)\s*:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? '';
}

/** `/etc/os-release`: `PRETTY_NAME`. */
export function parseOsName(text: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? 'Linux';
}
