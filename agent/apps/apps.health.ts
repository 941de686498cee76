import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { ErrorReason } from '#shared/error-reasons.ts';
import type { AppEnd } from '#shared/apps.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteApp } from '#shared/site-app.ts';
import { notRunnable } from '../core/apart.ts';
import { closeFile, openFile, readAt } from '../core/files.ts';
import { findPortHolder } from '../nginx/nginx.process.ts';
import { listeners } from './apps.ports.ts';
import { withoutSecrets } from './apps.secrets.ts';
import type { AppHost, Units, UnitState } from './apps.unit.ts';

/** One start of an application, and how it is seen to answer. */
export type Start = {
  readonly unit: string;
  readonly spec: SiteSpec;
  readonly app: SiteApp;
  /** Of the instance, from 1 on. */
  readonly number: number;
  readonly where: { readonly port: number } | { readonly socketPath: string };
  /** The user that must answer; null: it cannot be told. */
  readonly uid: number | null;
  readonly log: string;
  /** Size of the log before the start: what comes behind belongs to it. */
  readonly logFrom: number;
};

const roundMs = 50;
/** Asking systemd starts a program: not in every round. */
const roundsPerLook = 4;
const answerMs = 3_000;

type Seen = 'good' | 'foreign' | { readonly status: number } | undefined;

/** Ends when the application answers as it should; throws in words why it does not. */
export async function waitHealthy(host: AppHost, units: Units, start: Start, endsAt: number): Promise<void> {
  let seen: Seen;
  for (let round = 0; ; round++) {
    if (round % roundsPerLook === 0) {
      const state = await units.stateOf(start.unit);
      const hasEnded = ['failed', 'stopped'].includes(state.state) || state.end !== null || state.restarts > 0;
      if (hasEnded) throw endedError(host, start, state);
    }
    seen = await look(start, Math.min(answerMs, Math.max(200, endsAt - Date.now())));
    if (seen === 'foreign') throw takenError(host, start);
    if (seen === 'good') {
      // The answer may have come from one that was just ending.
      const { state, end } = await units.stateOf(start.unit);
      if (state === 'running' && end === null) return;
    }
    if (Date.now() >= endsAt) break;
    await wait(roundMs);
  }
  const state = await units.stateOf(start.unit);
  throw typeof seen === 'object' ? unhealthyError(host, start, seen.status) : silentError(host, start, state);
}

async function look({ where, uid, app, spec }: Start, timeoutMs: number): Promise<Seen> {
  if ('port' in where) {
    const holders = listeners().filter(({ port }) => port === where.port);
    if (holders.length === 0) return undefined;
    if (uid !== null && !holders.some((holder) => holder.uid === uid)) return 'foreign';
  }
  if (app.health.kind === 'connect') return (await canConnect(where, timeoutMs)) ? 'good' : undefined;
  const { path, status } = app.health;
  const found = await statusOf(where, path, spec.domains[0]?.host.replace(/^\*\./, 'www.') ?? 'localhost', timeoutMs);
  if (found === undefined) return undefined;
  return (status === null ? found < 500 : found === status) ? 'good' : { status: found };
}

type Where = Start['where'];
const addressOf = (where: Where) =>
  'port' in where ? { host: '127.0.0.1', port: where.port } : { socketPath: where.socketPath };

function statusOf(where: Where, path: string, host: string, timeoutMs: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = request(
      {
        ...addressOf(where),
        path,
        headers: { host, 'user-agent': 'aaPanel-health' },
        agent: false,
        timeout: timeoutMs,
      },
      (response) => {
        resolve(response.statusCode);
        response.destroy();
      },
    );
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
}

function canConnect(where: Where, timeoutMs: number): Promise<boolean> {
  const address = 'port' in where ? { host: '127.0.0.1', port: where.port } : { path: where.socketPath };
  return new Promise((resolve) => {
    const socket = createConnection({ ...address, timeout: timeoutMs });
    const end = (isOpen: boolean) => () => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false));
  });
}

const whereText = (where: Where): string => ('port' in where ? `127.0.0.1:${where.port}` : where.socketPath);

function refused(reason: ErrorReason, params: Readonly<Record<string, string | number>>): AppError {
  return new AppError('config_rejected', 'The application did not answer; what was before is back.', {
    reason,
    params,
  });
}

/** The last lines that it wrote since its start, as far as they may be shown. */
export function lastWords(host: AppHost, { spec, log, logFrom }: Pick<Start, 'spec' | 'log' | 'logFrom'>): string {
  const file = openFile(log);
  if (file === undefined) return '';
  const { size } = file.stats;
  const from = Math.max(logFrom > size ? 0 : logFrom, size - 8 * 1_024);
  const text = readAt(file.fd, from, size - from).toString('utf8');
  closeFile(file.fd);
  const clean = withoutSecrets(host, spec.siteId, text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
  return clean.trim().split('\n').slice(-15).join('\n').slice(-1_500);
}

function endedError(host: AppHost, start: Start, { end }: UnitState): AppError {
  const message = lastWords(host, start);
  const port = 'port' in start.where ? start.where.port : null;
  if (/EADDRINUSE|address already in use/i.test(message) && port !== null) {
    const tried = triedPort(message);
    // The most frequent mistake with several: a port that stands in the program.
    if (start.number > 1 && tried !== undefined && tried !== port)
      return refused('app_instances_share_port', { found: tried, port });
    return takenError(host, start);
  }
  return endError(end, { message, memoryMb: start.app.limits.memoryMb, path: start.app.program });
}

/** That somebody else has already, as Node and others say it; undefined: it was not said. */
function triedPort(message: string): number | undefined {
  const said = /(?:EADDRINUSE|address already in use)[^\n]*:(\d{2,5})\b|^ *port: (\d{2,5})\b/im.exec(message);
  const port = said?.[1] ?? said?.[2];
  return port === undefined ? undefined : Number(port);
}

/** In words, why an application ended. */
function endError(
  end: AppEnd | null,
  { message, memoryMb, path }: { message: string; memoryMb: number; path: string },
): AppError {
  if (end === null || end.kind === 'exit') return refused('app_exited', { code: end?.code ?? 0, message });
  if (end.kind === 'memory') return refused('app_out_of_memory', { memoryMb, message });
  if (end.kind === 'signal') return refused('app_killed', { signal: end.code ?? 0, message });
  if (end.code === notRunnable) return refused('app_not_executable', { path });
  return refused('app_start_failed', { code: end.code ?? 0, message });
}

function takenError(host: AppHost, { where }: Start): AppError {
  const port = 'port' in where ? where.port : 0;
  return refused('port_taken', { port, process: findPortHolder(port, host.prefix) ?? '?' });
}

function unhealthyError(host: AppHost, start: Start, status: number): AppError {
  const path = start.app.health.kind === 'http' ? start.app.health.path : '';
  return refused('app_unhealthy', { path, status, message: lastWords(host, start) });
}

function silentError(host: AppHost, start: Start, { pid }: UnitState): AppError {
  const { where, app } = start;
  const message = lastWords(host, start);
  const facts = { where: whereText(where), seconds: app.healthSeconds, message };
  const found = pid === null ? [] : portsOf(pid);
  if (found.length > 0) return refused('app_listens_elsewhere', { ...facts, found: found.join(', ') });
  return refused('app_silent', facts);
}

/** Ports that a process or one it started waits on: most often the right program with the wrong port. */
function portsOf(root: number): number[] {
  const inodes = new Map<string, number>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of readOr(file).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && inode !== undefined)
        inodes.set(inode, Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
    }
  const ports = new Set<number>();
  for (const pid of family(root))
    for (const target of linksOf(pid)) {
      const port = inodes.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
      if (port !== undefined) ports.add(port);
    }
  return [...ports].sort((a, b) => a - b);
}

function family(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    if (found.length > 200) break;
    const children = readOr(`/proc/${pid}/task/${pid}/children`)
      .split(' ')
      .filter((each) => each !== '');
    found.push(...children.map(Number));
  }
  return found;
}

function linksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
