import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import type { MachineSettings } from '#shared/machine-settings.ts';
import type { Call } from '../core/call.ts';
import { readFileSync } from 'node:fs';
import { look } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { selfOwner } from '../sites/site-records.ts';
import { readSettings } from './read.ts';

/** Of the package tzdata; read only. */
const zones = '/usr/share/zoneinfo';

/** localtime(5), and Debian's own `/etc/timezone` where it is. systemd takes it up by itself. Throws `zone_unknown`. */
export async function setTimeZone(
  machine: Machine,
  { zone }: ActionParams<AgentActions['machine.set_time_zone']>,
  call: Call,
): Promise<MachineSettings> {
  const { prefix } = machine;
  if (!isZone(zone))
    throw new AppError('invalid_request', 'The machine does not know this time zone.', {
      reason: 'zone_unknown',
      params: { zone },
    });
  const hasText = look(`${prefix}/etc/timezone`).type === 'file';
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'machine.set_time_zone',
    actor: call.actor.id,
    wants: [
      { kind: 'link', path: `${prefix}/etc/localtime`, target: `..${zones}/${zone}`, shownAs: '/etc/localtime' },
      ...(hasText
        ? ([
            {
              kind: 'file',
              path: `${prefix}/etc/timezone`,
              bytes: Buffer.from(`${zone}\n`),
              mode: 0o644,
              ...selfOwner(machine),
              shownAs: '/etc/timezone',
            },
          ] as const)
        : []),
    ],
  });
  return await readSettings(machine);
}

/** A file that begins as RFC 8536 wants it. Other files lie there too: tables, lists. */
function isZone(zone: string): boolean {
  try {
    return readFileSync(`${zones}/${zone}`).subarray(0, 4).toString('latin1') === 'TZif';
  } catch {
    return false;
  }
}
