import type { SoftwarePlan } from '#shared/software-plan.ts';
import { isNode, isTool, type InstallableName } from '#shared/software.ts';

const machine = {
  neighbours: [
    { kind: 'firewall' as const, name: 'nftables' },
    { kind: 'database' as const, name: 'Redis' },
  ],
  memory: { totalBytes: 2_063_597_568, availableBytes: 1_288_490_188 },
  freeDiskBytes: 18_253_611_008,
};

const ports: Partial<Record<InstallableName, SoftwarePlan['ports']>> = {
  nginx: [{ first: 80, last: 80, isPublic: true, heldBy: 'apache2' }],
  redis: [{ first: 6379, last: 6379, isPublic: false, heldBy: null }],
  vsftpd: [
    { first: 21, last: 21, isPublic: true, heldBy: null },
    { first: 39_000, last: 39_099, isPublic: true, heldBy: null },
  ],
};

/** For the fake agent: one package with what it needs; what is there already is brought up to date once. */
export function fakePlan(name: InstallableName, isThere: boolean, isUpdated: boolean): SoftwarePlan {
  const nothing = { packages: [], downloadBytes: null, diskBytes: null, services: [], ports: [] };
  if (isNode(name)) return { kind: 'install', source: 'node', ...nothing, ...machine, mark: name };
  if (name === 'sury') return { kind: 'install', source: 'sury', ...nothing, ...machine, mark: name };
  if (isThere && isUpdated) return { kind: 'nothing', source: 'distribution', ...nothing, ...machine, mark: name };
  const from = isThere ? '1:2.4.7-1' : null;
  const more = { name: `${name}-common`, from, to: '1:2.4.7-2', downloadBytes: 108_422, diskBytes: 311_296 };
  return {
    kind: isThere ? 'update' : 'install',
    source: 'distribution',
    packages: [{ name, from, to: '1:2.4.7-2', downloadBytes: 610_304, diskBytes: 1_728_512 }, more],
    downloadBytes: 718_726,
    diskBytes: 2_039_808,
    services: isTool(name) && !['composer', 'git', 'ripgrep'].includes(name) ? [`${name}.service`] : [],
    ports: isThere ? [] : (ports[name] ?? []),
    ...machine,
    mark: `${name}-${isThere ? 'update' : 'install'}`,
  };
}
