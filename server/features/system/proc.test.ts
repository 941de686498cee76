import { expect, it } from 'vitest';
import {
  cpuPercent,
  parseCpuModel,
  parseDiskstats,
  parseLoadavg,
  parseMeminfo,
  parseMounts,
  parseNetDev,
  parseOsName,
  parseStat,
  parseUptime,
  rates,
} from './proc.ts';

it('the share of a processor is busy time over all time between two readings', () => {
  const one = parseStat(
    'cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 50 0 50 350 50 0 0 0 0 0\ncpu1 50 0 50 350 50 0 0 0 0 0\nintr 1\n',
  );
  const two = parseStat(
    'cpu  150 0 150 750 150 0 0 0 90 0\ncpu0 100 0 100 350 50 0 0 0 0 0\ncpu1 50 0 50 400 100 0 0 0 0 0\n',
  );
  expect(one.cores).toHaveLength(2);
  expect(cpuPercent(one.all, two.all)).toBe(50);
  expect(two.cores.map((core, index) => cpuPercent(one.cores[index], core))).toEqual([100, 0]);
  expect(cpuPercent(undefined, two.all)).toBeNull();
  expect(cpuPercent(two.all, one.all)).toBeNull();
});

it('used memory is what programs could not get', () => {
  const text =
    'MemTotal:        4000 kB\nMemFree:          500 kB\nMemAvailable:    3000 kB\nBuffers:  100 kB\nCached:  1000 kB\nSReclaimable: 50 kB\nSwapTotal: 2000 kB\nSwapFree: 1500 kB\n';
  expect(parseMeminfo(text)).toEqual({
    memory: { totalBytes: 4000 * 1024, usedBytes: 1000 * 1024, availableBytes: 3000 * 1024, cachedBytes: 1150 * 1024 },
    swap: { totalBytes: 2000 * 1024, usedBytes: 500 * 1024 },
  });
  expect(parseMeminfo('').memory.totalBytes).toBe(0);
});

it('load, uptime, processor and system are read as they stand', () => {
  expect(parseLoadavg('0.52 1.04 2.00 1/234 5678\n')).toEqual([0.52, 1.04, 2]);
  expect(parseUptime('12345.67 54321.00\n')).toBe(12345.67);
  expect(parseCpuModel('processor : 0\nmodel name\t: AMD EPYC 7B13\n')).toBe('AMD EPYC 7B13');
  expect(parseOsName('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n')).toBe(
    'Debian GNU/Linux 13 (trixie)',
  );
});

it('only whole disks are counted: partitions and mappers would count the same bytes again', () => {
  const text = [
    ' 254 0 vda 100 0 2000 10 50 0 1000 10 0 20 20',
    ' 254 1 vda1 90 0 1900 10 50 0 1000 10 0 20 20',
    ' 253 0 dm-0 90 0 1900 10 50 0 1000 10 0 20 20',
    '   7 0 loop0 1 0 8 0 0 0 0 0 0 0 0',
    ' 259 0 nvme0n1 1 0 8 0 1 0 16 0 0 0 0',
    ' 202 1 xvda1 1 0 4 0 1 0 2 0 0 0 0',
  ].join('\n');
  expect([...parseDiskstats(text)]).toEqual([
    ['vda', { one: 2000 * 512, two: 1000 * 512 }],
    ['nvme0n1', { one: 8 * 512, two: 16 * 512 }],
    ['xvda1', { one: 4 * 512, two: 2 * 512 }],
  ]);
});

it('links inside the machine are left out, and rates are per second', () => {
  const text = (bytes: number) =>
    `Inter-|   Receive\n face |bytes\n    lo: 9 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0\n  eth0:${bytes} 1 0 0 0 0 0 0 ${bytes * 2} 1 0 0 0 0 0 0\nvethab: 5 0 0 0 0 0 0 0 5 0\n`;
  const before = parseNetDev(text(1000));
  expect([...before.keys()]).toEqual(['eth0']);
  expect(rates(before, parseNetDev(text(3000)), 2)).toEqual([{ name: 'eth0', one: 1000, two: 2000 }]);
  expect(rates(before, parseNetDev(text(10)), 2)).toEqual([{ name: 'eth0', one: 0, two: 0 }]);
  expect(rates(undefined, before, 0)).toEqual([{ name: 'eth0', one: 0, two: 0 }]);
});

it('pseudo, network and bind mounts are no disks; octal blanks are read', () => {
  const text = [
    '/dev/vda1 / ext4 rw 0 0',
    'proc /proc proc rw 0 0',
    'tmpfs /run tmpfs rw 0 0',
    '/dev/vda1 /var/bound ext4 rw 0 0',
    '/dev/vdb1 /mnt/my\\040disk xfs rw 0 0',
    'server:/x /mnt/nfs nfs4 rw 0 0',
    'overlay /var/lib/docker/overlay2/1/merged overlay rw 0 0',
    '/dev/loop0 /snap/core/1 squashfs ro 0 0',
  ].join('\n');
  expect(parseMounts(text)).toEqual([
    { mount: '/', device: '/dev/vda1', fsType: 'ext4' },
    { mount: '/mnt/my disk', device: '/dev/vdb1', fsType: 'xfs' },
  ]);
  expect(parseMounts('overlay / overlay rw 0 0\n/dev/vda1 /etc/hosts ext4 rw 0 0')).toEqual([
    { mount: '/', device: 'overlay', fsType: 'overlay' },
    { mount: '/etc/hosts', device: '/dev/vda1', fsType: 'ext4' },
  ]);
});
