import { readFileSync } from 'node:fs';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import type { Want } from '../core/steps.ts';
import { findMaster } from './nginx.process.ts';

/*
 * nginx keeps two logs of every site open, and systemd starts it with room for 1,024 files: with some five hundred sites
 * it would refuse the next one, and would not start again with the machine.
 */

/** Files that nginx may hold open, while it loads its files those of before as well: for sixty thousand sites. */
export const fileLimit = 262_144;

const folder = '/etc/systemd/system/nginx.service.d';

/** For the next start; beside the distribution's unit, which stays as it is. */
export function limitWants(machine: Machine, owner: { readonly uid: number; readonly gid: number }): Want[] {
  if (!machine.hasSystemd) return [];
  const path = `${folder}/aapanel.conf`;
  const text = `# Of aaPanel: nginx keeps two logs of every site open.\n[Service]\nLimitNOFILE=${fileLimit}\n`;
  return [
    { kind: 'folder', path: machine.prefix + folder, mode: 0o755, ...owner },
    { kind: 'file', path: machine.prefix + path, bytes: Buffer.from(text), mode: 0o644, ...owner, shownAs: path },
  ];
}

/** For the nginx that runs: its limit is raised as far as it may be, before it opens more files. */
export async function raiseFileLimit({ prefix, hasSystemd }: Pick<Machine, 'prefix' | 'hasSystemd'>): Promise<void> {
  const master = findMaster(prefix);
  const now = master === undefined ? undefined : limitsOf(master);
  if (now === undefined || now.soft >= Math.min(fileLimit, now.hard)) return;
  const prlimit = findProgram('prlimit');
  if (prlimit === undefined) return;
  const soft = Math.min(fileLimit, now.hard);
  await run(prlimit, [`--pid=${master}`, `--nofile=${soft}:${now.hard}`], { timeoutMs: 5_000 });
  // A master with the old limit was started before our file was there, or before systemd had read it.
  const systemctl = hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) await run(systemctl, ['daemon-reload'], { timeoutMs: 30_000 });
}

function limitsOf(pid: number): { readonly soft: number; readonly hard: number } | undefined {
  let text = '';
  try {
    text = readFileSync(`/proc/${pid}/limits`, 'utf8');
  } catch {
    // It has ended.
  }
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(text) ?? [];
  if (soft === undefined || hard === undefined) return undefined;
  const count = (word: string): number => (word === 'unlimited' ? 1_048_576 : Number(word));
  return { soft: count(soft), hard: count(hard) };
}
