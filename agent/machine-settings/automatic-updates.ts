import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import type { MachineSettings } from '#shared/machine-settings.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { readAutomatic } from '../packages/updates.ts';
import { selfOwner } from '../sites/site-records.ts';
import { readSettings } from './read.ts';

/** The file that the package's own question writes (`dpkg-reconfigure unattended-upgrades`). */
const path = '/etc/apt/apt.conf.d/20auto-upgrades';
/** APT::Periodic of other packages, which would win otherwise: `Enable` is ours to say. */
const own = /^\s*APT::Periodic::(?:Enable|Update-Package-Lists|Unattended-Upgrade)\s/;

/**
 * Whether the daily run of APT installs security updates. Which ones, and whether the machine starts anew for them, stays
 * as `50unattended-upgrades` says. Throws `updates_not_installed`; `elevation_required` to switch them off.
 */
export async function setAutomaticUpdates(
  machine: Machine,
  { isOn }: ActionParams<AgentActions['machine.set_automatic_updates']>,
  call: Call,
): Promise<MachineSettings> {
  if (!isOn) requireTicket(call);
  const { prefix } = machine;
  if ((await readAutomatic(prefix)) === 'not_installed')
    throw new AppError('in_use', 'unattended-upgrades is not installed.', { reason: 'updates_not_installed' });
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'machine.set_automatic_updates',
    actor: call.actor.id,
    wants: [
      {
        kind: 'file',
        path: prefix + path,
        bytes: Buffer.from(withSwitch(readText(prefix + path) ?? '', isOn)),
        mode: 0o644,
        ...selfOwner(machine),
        shownAs: path,
      },
    ],
    // APT's own reading of all its files: one that is read later may say otherwise.
    probe: async () => {
      const now = await readAutomatic(prefix);
      if (now !== (isOn ? 'on' : 'off'))
        throw new AppError('in_use', 'Another file of APT says otherwise.', { reason: 'updates_overruled' });
    },
  });
  return await readSettings(machine);
}

export function withSwitch(text: string, isOn: boolean): string {
  const kept = text.split('\n').filter((line) => !own.test(line));
  while (kept.at(-1) === '') kept.pop();
  const value = isOn ? '1' : '0';
  const said = [
    ...(isOn ? ['APT::Periodic::Enable "1";'] : []),
    `APT::Periodic::Update-Package-Lists "1";`,
    `APT::Periodic::Unattended-Upgrade "${value}";`,
  ];
  return `${[...kept, ...said].join('\n')}\n`;
}
