import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import type { MachineSettings } from '#shared/machine-settings.ts';
import type { Call } from '../core/call.ts';
import { listNames, look, makeFolders, readText, removeFile } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { selfOwner } from '../sites/site-records.ts';
import { runOutside } from './outside.ts';
import { readSettings } from './read.ts';
import { listAreas, mib, mostMib, sizeInName, swapFile, swapFolder } from './swap-areas.ts';

const table = '/etc/fstab';
/** What is in a file goes back into memory first. */
const swapPatienceMs = 60_000;

/**
 * The file is made whole before anything changes; then its line in fstab(5) is the wish, and `follow` brings the kernel to
 * it, forwards and backwards. Throws `swap_refused`, `swap_no_room`, `swap_unfit`, `swap_no_root`.
 */
export async function setSwap(
  machine: Machine,
  { mib: size }: ActionParams<AgentActions['machine.set_swap']>,
  call: Call,
): Promise<MachineSettings> {
  if (!machine.isRoot) throw new AppError('in_use', 'Only root can swap.', { reason: 'swap_no_root' });
  const { prefix } = machine;
  const before = readText(prefix + table, 256 * 1_024) ?? '';
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'machine.set_swap',
    actor: call.actor.id,
    wants: [
      {
        kind: 'file',
        path: prefix + table,
        bytes: Buffer.from(withLine(before, size)),
        mode: 0o644,
        ...selfOwner(machine),
        shownAs: table,
      },
    ],
    validate: async () => {
      if (size > 0) await makeSwapFile(prefix, size, call.deadlineAt);
    },
    activate: () => follow(machine),
    probe: async () => {
      const own = listAreas(prefix).filter(({ isOurs }) => isOurs);
      const sizes = own.map(({ path }) => sizeInName(path));
      const isDone = size === 0 ? sizes.length === 0 : sizes.length === 1 && sizes[0] === size;
      if (!isDone) throw refused(`in use: ${sizes.join(', ')} MiB`);
      return await Promise.resolve();
    },
  });
  dropUnused(prefix);
  return await readSettings(machine);
}

/** The table with our line for this size, or without one. Lines of others stay as they are, to the letter. */
export function withLine(text: string, size: number): string {
  const kept = text.split('\n').filter((line) => sizeInName(line.trim().split(/\s+/)[0] ?? '') === undefined);
  while (kept.at(-1) === '') kept.pop();
  // A machine whose disk lost this file still starts.
  if (size > 0) kept.push(`${swapFile(size)} none swap sw,nofail 0 0`);
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}

/** Paths of ours that the table names. */
function wished(prefix: string): string[] {
  const lines = (readText(prefix + table, 256 * 1_024) ?? '').split('\n');
  return lines.map((line) => line.trim().split(/\s+/)[0] ?? '').filter((path) => sizeInName(path) !== undefined);
}

/** Makes the kernel swap to what the table names: first to the new file, then no longer to the old one. */
async function follow(machine: Machine): Promise<void> {
  const { prefix } = machine;
  const wish = wished(prefix);
  const used = listAreas(prefix).flatMap(({ path, isOurs }) => (isOurs ? [path] : []));
  const tell = async (name: 'swapon' | 'swapoff', path: string): Promise<void> => {
    const said = await runOutside(machine, findProgram(name) ?? missing(name), ['--', prefix + path], swapPatienceMs);
    if (said.code !== 0) throw refused(said.isTimedOut ? 'timeout' : said.stderr.trim());
  };
  for (const path of wish) if (!used.includes(path)) await tell('swapon', path);
  for (const path of used) if (!wish.includes(path)) await tell('swapoff', path);
}

async function makeSwapFile(prefix: string, size: number, deadlineAt: number): Promise<void> {
  const path = prefix + swapFile(size);
  if (listAreas(prefix).some((area) => area.path === swapFile(size))) return;
  const most = mostMib(prefix);
  if (most === 0) throw new AppError('in_use', 'This file system cannot hold swap.', { reason: 'swap_unfit' });
  if (size > most)
    throw new AppError('in_use', 'The disk has no room for it.', { reason: 'swap_no_room', params: { mib: most } });
  makeFolders(prefix + swapFolder);
  if (look(path).type !== 'missing') removeFile(path);
  const left = (): number => Math.max(5_000, deadlineAt - Date.now() - 20_000);
  try {
    await must(findProgram('fallocate') ?? missing('fallocate'), ['--length', String(size * mib), '--', path], left());
    await must(findProgram('chmod') ?? missing('chmod'), ['0600', '--', path], left());
    await must(findProgram('mkswap') ?? missing('mkswap'), ['--quiet', '--', path], left());
  } catch (error) {
    if (look(path).type !== 'missing') removeFile(path);
    throw error;
  }
}

/** Files that the kernel does not use: of other sizes, and what a crash left behind. */
function dropUnused(prefix: string): void {
  const used = new Set(listAreas(prefix).map(({ path }) => path));
  for (const name of listNames(prefix + swapFolder)) {
    const path = `${swapFolder}/${name}`;
    if (sizeInName(path) !== undefined && !used.has(path)) removeFile(prefix + path);
  }
}

async function must(program: string, args: readonly string[], timeoutMs = 60_000): Promise<void> {
  const { code, stderr, isTimedOut } = await run(program, args, { timeoutMs });
  if (code !== 0) throw refused(isTimedOut ? 'timeout' : stderr.trim());
}

function refused(message: string): AppError {
  return new AppError('in_use', 'The system refuses this swap.', {
    reason: 'swap_refused',
    params: { message: message.slice(0, 300) },
  });
}

function missing(name: string): never {
  throw refused(`${name}: not installed`);
}
