import { statSync } from 'node:fs';
import { askPool } from './fastcgi.ts';
import { pingPath, statusPath } from './php.render.ts';

/** Whether processes that read the text with this marker answer. */
export async function answersMarker(socket: string, marker: string): Promise<boolean> {
  return (await askPool(socket, pingPath, '', 1_000))?.trim() === marker;
}

/** What a pool says of itself. */
export type PoolStatus = {
  readonly acceptedConnections: number;
  readonly active: number;
  readonly idle: number;
  readonly queue: number;
  readonly maxChildrenReached: number;
  readonly slow: number;
  readonly processIds: readonly number[];
};

export async function statusOf(socket: string): Promise<PoolStatus | undefined> {
  const text = await askPool(socket, statusPath, 'json&full', 3_000);
  if (text === undefined) return undefined;
  try {
    const said = JSON.parse(text) as Record<string, unknown>;
    const number = (name: string): number => (typeof said[name] === 'number' ? said[name] : 0);
    const processes = Array.isArray(said['processes']) ? (said['processes'] as { pid?: unknown }[]) : [];
    return {
      acceptedConnections: number('accepted conn'),
      active: number('active processes'),
      idle: number('idle processes'),
      queue: number('listen queue'),
      maxChildrenReached: number('max children reached'),
      slow: number('slow requests'),
      processIds: processes.flatMap(({ pid }) => (typeof pid === 'number' ? [pid] : [])),
    };
  } catch {
    return undefined;
  }
}

/** Whether every process of the pool runs as this user. */
export async function answersAs(socket: string, uid: number): Promise<boolean> {
  const status = await statusOf(socket);
  const owners = (status?.processIds ?? []).flatMap((pid) => ownerOf(pid) ?? []);
  return owners.length > 0 && owners.every((owner) => owner === uid);
}

function ownerOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    // It has ended since.
    return undefined;
  }
}
