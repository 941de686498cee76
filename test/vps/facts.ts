// Facts about an installed panel, asked inside the machine.
import { until } from './host.ts';
import { exec, mustExec, script, type Machine } from './machine.ts';

/** The number at the end of `systemd-analyze security`: 0 (nothing is exposed) to 10. */
export async function exposure(machine: Machine, unit: string): Promise<number> {
  const text = await mustExec(machine, ['systemd-analyze', 'security', '--no-pager', unit]);
  const score = /Overall exposure level for \S+: ([\d.]+)/.exec(text)?.[1];
  if (score === undefined) throw new Error(`no score in: ${text.slice(-500)}`);
  return Number(score);
}

export async function property(machine: Machine, unit: string, name: string): Promise<string> {
  return (await mustExec(machine, ['systemctl', 'show', '-P', name, unit])).trim();
}

export async function isActive(machine: Machine, unit: string): Promise<boolean> {
  return (await exec(machine, ['systemctl', 'is-active', '--quiet', unit])).code === 0;
}

/** Resolves when the panel itself says that it is ready; fails with the end of its log. */
export async function waitReady(machine: Machine, port = 5000): Promise<void> {
  const args = ['curl', '-sk', '-w', '\n%{http_code}', `https://127.0.0.1:${port}/health/ready`];
  let last = '';
  try {
    await until('the panel to be ready', async () => {
      last = (await exec(machine, args)).stdout;
      return last.endsWith('\n200') ? true : undefined;
    });
  } catch (cause) {
    const log = (await exec(machine, ['journalctl', '-u', 'aapanel*', '-n', '25', '--no-pager'])).stdout;
    throw new Error(`the panel is not ready: ${last}\n${log}`, { cause });
  }
}

export type OurProcess = { pid: number; user: string; pssKiB: number; cpuMs: number };

/** The processes that run our code, with their share of memory (PSS) and the processor time they have used so far. */
export async function ourProcesses(machine: Machine): Promise<OurProcess[]> {
  const text = await script(
    machine,
    `for folder in /proc/[0-9]*; do
       case $(readlink $folder/exe) in /www/server/panel/runtime/*) ;; *) continue ;; esac
       echo "\${folder#/proc/} $(stat -c %U $folder) $(awk '/^Pss:/ {print $2}' $folder/smaps_rollup) $(sed 's/.*) //' $folder/stat | cut -d' ' -f12,13)"
     done`,
  );
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((parts) => parts.length === 5)
    .map(([pid, user, pss, userTicks, systemTicks]) => ({
      pid: Number(pid),
      user: user ?? '',
      pssKiB: Number(pss),
      // 100 ticks a second on every Linux that Debian builds.
      cpuMs: (Number(userTicks) + Number(systemTicks)) * 10,
    }));
}

/** Size, owner, mode and content sum of every file below the folders: equal before and after means untouched. */
export async function treeState(machine: Machine, folders: string[]): Promise<string> {
  return await script(
    machine,
    `for f in ${folders.join(' ')}; do [ -e $f ] || continue; find $f -printf '%y %m %u:%g %p %l\\n'; find $f -type f -exec sha256sum {} +; done | sort`,
  );
}
