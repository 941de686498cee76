import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import type { MachineSettings } from '#shared/machine-settings.ts';
import type { Call } from '../core/call.ts';
import { readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { selfOwner } from '../sites/site-records.ts';
import { nameNow } from './name-now.ts';
import { runOutside } from './outside.ts';
import { readSettings } from './read.ts';

/** hostname(5) for the next start, hosts(5) so that the name is found, and the kernel for now. */
export async function setHostname(
  machine: Machine,
  { hostname: wanted }: ActionParams<AgentActions['machine.set_hostname']>,
  call: Call,
): Promise<MachineSettings> {
  const { prefix } = machine;
  const common = { kind: 'file', mode: 0o644, ...selfOwner(machine) } as const;
  const before = nameNow(machine);
  const hosts = withHost(readText(`${prefix}/etc/hosts`, 1_024 * 1_024) ?? '', before, wanted);
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'machine.set_hostname',
    actor: call.actor.id,
    wants: [
      { ...common, path: `${prefix}/etc/hostname`, bytes: Buffer.from(`${wanted}\n`), shownAs: '/etc/hostname' },
      { ...common, path: `${prefix}/etc/hosts`, bytes: Buffer.from(hosts), shownAs: '/etc/hosts' },
    ],
    activate: () => follow(machine, before),
    probe: async () => {
      const now = await askKernel(machine, []);
      if (now !== undefined && now !== wanted) throw new Error(`the kernel still says ${now}`);
    },
  });
  return await readSettings(machine);
}

/** The kernel is told what the file says; `otherwise` when a change that was taken back leaves none. */
async function follow(machine: Machine, otherwise: string): Promise<void> {
  await askKernel(machine, [(readText(`${machine.prefix}/etc/hostname`) ?? '').trim() || otherwise]);
}

/** hostname(1). Undefined behind a prefix, where the kernel's name is somebody else's. */
async function askKernel(machine: Machine, args: readonly string[]): Promise<string | undefined> {
  if (machine.prefix !== '') return undefined;
  const program = findProgram('hostname');
  if (program === undefined) throw new Error('hostname is missing');
  const { code, stdout, stderr } = await runOutside(machine, program, args, 10_000);
  if (code !== 0) throw new Error(`hostname: ${stderr.trim().slice(0, 300)}`);
  return stdout.trim();
}

/**
 * The old name goes from every line of this machine's own addresses and the new one stands on that of 127.0.1.1, as Debian
 * has it (Debian Reference, 5.1.1). All other lines stay to the letter.
 */
export function withHost(text: string, before: string, hostname: string): string {
  const short = hostname.split('.')[0] ?? hostname;
  const names = hostname === short ? hostname : `${hostname} ${short}`;
  const own = `127.0.1.1\t${names}`;
  const old = new Set([before, before.split('.')[0] ?? before]);
  let isThere = false;
  const lines = text.split('\n').flatMap((line) => {
    const [address, ...rest] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (address === '127.0.1.1') {
      if (isThere) return [];
      isThere = true;
      // Names that somebody added there stay.
      const others = rest.filter((name) => !old.has(name) && name !== hostname && name !== short);
      return [others.length === 0 ? own : `${own} ${others.join(' ')}`];
    }
    return [line];
  });
  while (lines.at(-1) === '') lines.pop();
  if (!isThere) lines.push(own);
  return `${lines.join('\n')}\n`;
}
