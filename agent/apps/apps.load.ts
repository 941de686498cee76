import { readdirSync, readlinkSync } from 'node:fs';
import { readOr } from '../processes/proc-files.ts';

/* What the processes of an application hold open, by the kernel's own word; proc(5). */

export type Load = { readonly openFiles: number | null; readonly connections: number | null };

/** null: nothing runs, or it may not be seen. Two processes that share a connection have one. */
export function measureLoad(pids: readonly number[], proc = '/proc'): Load {
  const held = pids.flatMap((pid) => {
    const links = linksOf(`${proc}/${pid}/fd`);
    return links === undefined ? [] : [links];
  });
  if (held.length === 0) return { openFiles: null, connections: null };
  const links = held.flat();
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const open = inodes.size === 0 ? [] : openInodes(proc);
  return { openFiles: links.length, connections: open.filter((inode) => inodes.has(inode)).length };
}

function linksOf(folder: string): string[] | undefined {
  try {
    return readdirSync(folder).map((fd) => linkOr(`${folder}/${fd}`));
  } catch {
    return undefined;
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** States of the kernel: TCP_ESTABLISHED, SS_CONNECTED. */
const established = '01';
const connected = '03';

/** Inodes of open connections. Of Unix sockets those with a path: each was taken by who listens there. */
function openInodes(proc: string): string[] {
  const rowsOf = (name: string): string[][] =>
    readOr(`${proc}/net/${name}`)
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/\s+/));
  const tcp = ['tcp', 'tcp6'].flatMap(rowsOf).flatMap((row) => (row[3] === established ? [row[9] ?? ''] : []));
  const unix = rowsOf('unix').flatMap((row) => (row[5] === connected && row[7] !== undefined ? [row[6] ?? ''] : []));
  return [...tcp, ...unix];
}
