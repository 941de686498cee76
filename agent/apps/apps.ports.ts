import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { appPorts, type SiteApp } from '#shared/site-app.ts';
import type { SiteRecord } from '../sites/site-records.ts';
import type { AppRecord } from './app-record.ts';
import { instancesOf, numbersTo } from './apps.wanted.ts';

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

/** Ports of so many instances, one behind the other. */
export const runOf = (first: number, count: number): number[] => numbersTo(count).map((number) => first + number - 1);

/** Every port that a site's application may listen on, of all instances in both places; none: it is on sockets. */
export function portsOf({ app, settings }: Pick<SiteRecord, 'app' | 'settings'>): number[] {
  return portsOfApp(settings?.app, app?.ports);
}

/** The same, by its facts and by the first ports of its places. */
export function portsOfApp(app: SiteApp | null | undefined, ports: AppRecord['ports'] | undefined): number[] {
  if (app?.listen.kind !== 'port') return [];
  const count = instancesOf({ app });
  if (app.listen.port !== null) return runOf(app.listen.port, count);
  return ports == null ? [] : [...runOf(ports.a, count), ...runOf(ports.b, count)];
}

/**
 * The ports of both places for so many instances: those that it has, as far as the ones behind them are free, else two
 * runs of free ones. `taken`: of nginx and of other sites.
 */
export function portsFor(
  existing: Pick<SiteRecord, 'app' | 'settings'> | undefined,
  count: number,
  taken: ReadonlySet<number>,
): NonNullable<AppRecord['ports']> {
  const known = existing === undefined ? [] : portsOf(existing);
  const kept = existing?.app?.ports ?? null;
  if (kept !== null && canKeep(kept, { count, known, taken })) return kept;
  return choosePorts(new Set([...taken, ...known]), count);
}

function canKeep(
  { a, b }: NonNullable<AppRecord['ports']>,
  given: { readonly count: number; readonly known: readonly number[]; readonly taken: ReadonlySet<number> },
): boolean {
  const { count, known, taken } = given;
  const wanted = [...runOf(a, count), ...runOf(b, count)];
  if (wanted.every((port) => known.includes(port))) return true;
  const more = new Set([...taken, ...listeners().map(({ port }) => port)]);
  const isFree = (port: number): boolean => port <= appPorts.last && !more.has(port);
  return new Set(wanted).size === wanted.length && wanted.every((port) => known.includes(port) || isFree(port));
}

/**
 * Two runs of free ports of the panel's range: one for each place of the application. Looked for from anywhere in it on: two
 * applications that choose at the same moment, before either listens, hardly ever choose the same.
 */
export function choosePorts(taken: ReadonlySet<number>, count = 1): { a: number; b: number } {
  const busy = new Set([...taken, ...listeners().map(({ port }) => port)]);
  const size = appPorts.last - appPorts.first + 1;
  const begin = randomInt(size);
  const found: number[] = [];
  let free = 0;
  for (let step = 0; step < size && found.length < 2; step++) {
    const port = appPorts.first + ((begin + step) % size);
    if (port === appPorts.first) free = 0;
    free = busy.has(port) ? 0 : free + 1;
    if (free < count) continue;
    found.push(port - count + 1);
    free = 0;
  }
  const [a, b] = found;
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
