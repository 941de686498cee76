import type { MachineSettings } from '#shared/machine-settings.ts';
import type { NginxSettings } from '#shared/nginx-settings.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';

type Name = Extract<keyof FakeActions, `machine.${string}`> | 'nginx.put_settings' | 'nginx.read_settings';

/** The part of the fake agent that knows the settings of the machine and of nginx. */
export function createFakeMachineSettings(requireTicket: (call: FakeCall) => void): Pick<FakeActions, Name> {
  let now: MachineSettings = {
    hostname: 'vps-01.example.com',
    clock: { zone: 'Etc/UTC', isSynchronized: true },
    swap: { areas: [], ownMib: 0, mostMib: 24_576 },
    memoryBytes: 2_063_597_568,
    automaticUpdates: 'off',
  };
  const become = (part: Partial<MachineSettings>): Promise<MachineSettings> => {
    now = { ...now, ...part };
    return Promise.resolve(now);
  };
  let nginx: NginxSettings = {
    workers: null,
    connections: 768,
    keepaliveSeconds: 75,
    bodyMib: 1,
    gzip: true,
    gzipLevel: 1,
    hidesVersion: false,
  };
  return {
    'nginx.read_settings': () => Promise.resolve(nginx),
    'nginx.put_settings': (settings) => Promise.resolve((nginx = settings)),
    'machine.read': () => Promise.resolve(now),
    'machine.set_hostname': ({ hostname }) => become({ hostname }),
    'machine.set_time_zone': ({ zone }) => become({ clock: { ...now.clock, zone } }),
    'machine.set_swap'({ mib }) {
      const path = `/var/swap/aapanel_${mib}.img`;
      const area = { path, kind: 'file' as const, sizeBytes: mib * 1_048_576, usedBytes: 0, isOurs: true };
      return become({ swap: { ...now.swap, areas: mib === 0 ? [] : [area], ownMib: mib } });
    },
    'machine.set_automatic_updates'({ isOn }, call) {
      if (!isOn) requireTicket(call);
      return become({ automaticUpdates: isOn ? 'on' : 'off' });
    },
  };
}
