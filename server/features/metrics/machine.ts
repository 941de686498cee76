import { stat, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import type { Context } from '../../context.ts';

export type MachineFigures = {
  /** Per cent; null where it cannot be known. */
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly diskPercent: number | null;
};

/** Shorter spans than this say more about the clock of the kernel than about the load. */
const leastSpanMs = 500;

/** Reads counters and compares them with those of the time before: nothing sleeps to sample. */
export function createMachineReader({ config }: Pick<Context, 'config'>): () => Promise<MachineFigures> {
  let before = cpuTimes();
  let readAt = -Infinity;
  let cpuPercent: number | null = null;

  function readCpu(): number | null {
    const now = performance.now();
    if (cpuPercent !== null && now - readAt < leastSpanMs) return cpuPercent;
    const after = cpuTimes();
    const total = after.total - before.total;
    if (total <= 0) return cpuPercent;
    cpuPercent = rounded(1 - (after.idle - before.idle) / total);
    before = after;
    readAt = now;
    return cpuPercent;
  }

  return async () => ({
    cpuPercent: readCpu(),
    // What the kernel could give: caches do not count as used.
    memoryPercent: rounded(1 - freemem() / totalmem()),
    diskPercent: await readDisk(config.dataDir),
  });
}

/** Looks only: asking the agent would start it, and it ends when nobody needs it. */
export async function isAgentUp({ agent, config }: Pick<Context, 'agent' | 'config'>): Promise<boolean> {
  if (agent.state === 'away') return false;
  if (agent.mode === 'fake') return true;
  return (await stat(config.agent.socketPath).catch(() => undefined))?.isSocket() === true;
}

function cpuTimes(): { readonly idle: number; readonly total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}

/** As `df` has it: of what others than root may fill. */
async function readDisk(folder: string): Promise<number | null> {
  try {
    const { blocks, bfree, bavail } = await statfs(folder);
    const used = blocks - bfree;
    return used + bavail === 0 ? null : rounded(used / (used + bavail));
  } catch {
    return null;
  }
}

/** A part of one as per cent with one decimal. */
function rounded(part: number): number {
  return Math.round(Math.min(1, Math.max(0, part)) * 1000) / 10;
}
