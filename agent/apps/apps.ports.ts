import { readFileSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { appPorts } from '#shared/site-app.ts';

export type Listener = { readonly port: number; readonly uid: number };

/** Sockets of this machine that wait for connections over TCP. */
export function listeners(): Listener[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readOr(file)
      .split('\n')
      .slice(1)
      .flatMap((line): Listener[] => {
        const [, local = '', , state, , , , uid] = line.trim().split(/\s+/);
        return state === '0A'
          ? [{ port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), uid: Number(uid) }]
          : [];
      }),
  );
}

/** Two free ports of the panel's range: one for each place of the application. */
export function choosePorts(taken: ReadonlySet<number>): { a: number; b: number } {
  const busy = new Set([...taken, ...listeners().map(({ port }) => port)]);
  const free: number[] = [];
  for (let port = appPorts.first; port <= appPorts.last && free.length < 2; port++)
    if (!busy.has(port)) free.push(port);
  const [a, b] = free;
  if (a !== undefined && b !== undefined) return { a, b };
  throw new AppError('in_use', 'No port is free for the application.', { reason: 'app_ports_used_up' });
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
